import type { Model } from './models.ts';

/** Describes a server for programs that make clients (OpenAPI 3.1). */
export function openApi(models: readonly Model[], version: string): object {
  const names = models.map(({ name }) => name);
  const name = (parameter: string) => ({
    name: parameter,
    in: 'path',
    required: true,
    description: 'The name of a task.',
    schema: { type: 'string', enum: names },
  });
  const infer = {
    summary: 'Computes what the head of a task gives, of prepared tensors.',
    parameters: [name('model')],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: ref('InferRequest') },
        'application/octet-stream': {
          schema: {
            type: 'string',
            description: 'JSON of as many bytes as the header Inference-Header-Content-Length says, then tensors.',
          },
        },
      },
    },
    responses: answers({ 'application/json': { schema: ref('InferResponse') } }),
  };
  return {
    openapi: '3.1.0',
    info: { title: 'banyan-ml', version, description: `The tasks of a network: ${names.join(', ')}.` },
    paths: {
      '/predict/{task}': {
        post: {
          summary: 'Predicts for raw examples.',
          parameters: [
            name('task'),
            {
              name: 'beam',
              in: 'query',
              description: 'How many texts a task that writes follows at once.',
              schema: { type: 'integer', minimum: 1, maximum: 16, default: 1 },
            },
          ],
          requestBody: { required: true, content: PREDICT },
          responses: answers({ 'application/json': { schema: ref('Predictions') } }),
        },
      },
      '/v2': get('Names the server.'),
      '/v2/health/live': get('Says that the process answers.'),
      '/v2/health/ready': get('Says whether it takes requests: 200, or 503.'),
      '/v2/models/{model}': { ...get('Says which tensors a task takes and gives.'), parameters: [name('model')] },
      '/v2/models/{model}/ready': { ...get('Says whether a task is served.'), parameters: [name('model')] },
      '/v2/models/{model}/infer': { post: infer },
      '/metrics': {
        get: {
          summary: 'Counts for Prometheus.',
          responses: { 200: { description: 'Text, version 0.0.4.', content: { 'text/plain': {} } } },
        },
      },
    },
    components: { schemas: SCHEMAS },
  };
}

const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });

const failed = (description: string) => ({
  description,
  content: { 'application/json': { schema: ref('Error') } },
});

const answers = (content: object) => ({
  200: { description: 'The answer.', content },
  400: failed('What was sent cannot be read.'),
  404: failed('There is no such task, or version of it.'),
  413: failed('What was sent is too large.'),
  429: failed('Too many examples wait already; the header Retry-After says when to ask again.'),
  503: failed('The server stops.'),
});

const get = (summary: string) => ({
  get: { summary, responses: { 200: { description: 'The answer.', content: { 'application/json': {} } } } },
});

const file = { type: 'string', contentMediaType: 'application/octet-stream' };

const PREDICT = {
  'application/json': { schema: ref('Examples') },
  'image/*': { schema: file },
  'audio/*': { schema: file },
  'text/plain': { schema: { type: 'string' } },
  'text/csv': { schema: { type: 'string' } },
  'application/jsonl': { schema: { type: 'string' } },
  'multipart/form-data': {
    schema: {
      type: 'object',
      description: 'A part for each file, named after the input that it is, where there are several.',
    },
  },
};

const tensor = (numbers: object) => ({
  type: 'object',
  required: ['name', 'shape', 'datatype'],
  properties: {
    name: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' } },
    datatype: { type: 'string', description: 'Such as FP32 and INT32.' },
    parameters: { type: 'object', properties: { binary_data_size: { type: 'integer' } } },
    data: { type: 'array', ...numbers },
  },
});

const SCHEMAS = {
  Examples: {
    oneOf: [
      {
        type: 'object',
        required: ['inputs'],
        properties: {
          inputs: {
            type: 'array',
            description:
              'Examples as the task takes them: texts, lists, records. Numbers with their type are {"dtype": "float32", "base64": "…"}.',
          },
        },
      },
      {
        type: 'object',
        required: ['rows'],
        properties: {
          rows: { type: 'array', items: { type: 'object' }, description: 'Cells by the names of their columns.' },
        },
      },
    ],
  },
  Predictions: {
    type: 'object',
    required: ['task', 'version', 'predictions'],
    properties: { task: { type: 'string' }, version: { type: 'string' }, predictions: { type: 'array' } },
  },
  InferRequest: {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: { type: 'string' },
      parameters: { type: 'object', properties: { binary_data_output: { type: 'boolean' } } },
      inputs: { type: 'array', items: tensor({ description: 'Numbers, in lists of lists or in one.' }) },
      outputs: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            parameters: { type: 'object', properties: { binary_data: { type: 'boolean' } } },
          },
        },
      },
    },
  },
  InferResponse: {
    type: 'object',
    required: ['model_name', 'model_version', 'outputs'],
    properties: {
      id: { type: 'string' },
      model_name: { type: 'string' },
      model_version: { type: 'string' },
      outputs: { type: 'array', items: tensor({ items: { type: 'number' } }) },
    },
  },
  Error: {
    type: 'object',
    required: ['error', 'code'],
    properties: {
      error: { type: 'string', description: 'What is wrong, what was expected, what was received, and the mend.' },
      code: { type: 'string' },
    },
  },
};
