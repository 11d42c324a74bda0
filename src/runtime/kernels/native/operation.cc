#include "operation.h"

namespace banyan {

std::int64_t sizeOf(const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t dim : shape) size *= dim;
  return size;
}

Tensor::Tensor(TF_Tensor* made)
    : tensor(made, TF_DeleteTensor), numbers(static_cast<float*>(TF_TensorData(made))), dims(TF_NumDims(made)) {
  for (std::size_t i = 0; i < dims.size(); i++) dims[i] = TF_Dim(made, static_cast<int>(i));
}

Tensor Call::input(int index) {
  Status status;
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context, index, &tensor, status);
  status.check();
  return Tensor(tensor);
}

Tensor Call::output(int index, const Shape& shape) {
  Status status;
  const std::size_t bytes = sizeOf(shape) * sizeof(float);
  TF_Tensor* tensor =
      TF_AllocateOutput(context, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes, status);
  status.check();
  return Tensor(tensor);
}

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument("expected " + what);
}

float Attributes::real(const char* name) {
  Status status;
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return value;
}

bool Attributes::truth(const char* name) {
  Status status;
  unsigned char value = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return value != 0;
}

std::int64_t Attributes::integer(const char* name) {
  Status status;
  std::int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return value;
}

namespace {

struct ShapeHandle {
  TF_ShapeHandle* const handle = TF_NewShapeHandle();
  ~ShapeHandle() { TF_DeleteShapeHandle(handle); }
};

}  // namespace

std::int64_t Shapes::axis(int input, int axis) {
  ShapeHandle shape;
  TF_ShapeInferenceContextGetInput(context, input, shape.handle, status);
  if (!TF_ShapeInferenceContextRankKnown(context, shape.handle)) return -1;
  const std::int64_t rank = TF_ShapeInferenceContextRank(context, shape.handle);
  if (axis < 0) axis += static_cast<int>(rank);
  if (axis < 0 || axis >= rank) return -1;
  TF_DimensionHandle* dimension = TF_NewDimensionHandle();
  TF_ShapeInferenceContextDim(context, shape.handle, axis, dimension);
  const std::int64_t size = TF_DimensionHandleValueKnown(dimension) ? TF_DimensionHandleValue(dimension) : -1;
  TF_DeleteDimensionHandle(dimension);
  return size;
}

void Shapes::same(int output, int input) {
  ShapeHandle shape;
  TF_ShapeInferenceContextGetInput(context, input, shape.handle, status);
  TF_ShapeInferenceContextSetOutput(context, output, shape.handle, status);
}

void Shapes::set(int output, const Shape& sizes) {
  for (const std::int64_t size : sizes)
    if (size < 0) return;  // It stays unknown.
  TF_ShapeHandle* shape = TF_ShapeInferenceContextScalar(context);
  for (const std::int64_t size : sizes) {
    TF_ShapeHandle* axis = TF_ShapeInferenceContextVectorFromSize(context, static_cast<std::size_t>(size));
    TF_ShapeInferenceContextConcatenateShapes(context, shape, axis, shape, status);
    TF_DeleteShapeHandle(axis);
  }
  TF_ShapeInferenceContextSetOutput(context, output, shape, status);
  TF_DeleteShapeHandle(shape);
}

void define(const Definition& definition) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(definition.name);
  for (const char* attribute : definition.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  for (const char* input : definition.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : definition.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, definition.shapes);
  Status status;
  TF_RegisterOpDefinition(builder, status);
  status.check();
}

void fail(TF_OpKernelContext* context, const std::exception& error) {
  Status status;
  TF_SetStatus(status, TF_INVALID_ARGUMENT, error.what());
  TF_OpKernelContext_Failure(context, status);
}

}  // namespace banyan
