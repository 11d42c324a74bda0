#include "operation.h"

#include <new>

namespace banyan {

std::int64_t sizeOf(const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t dim : shape) size *= dim;
  return size;
}

Tensor::Tensor(TF_Tensor* source)
    : tensor(source, TF_DeleteTensor), numbers(static_cast<float*>(TF_TensorData(source))), dims(TF_NumDims(source)) {
  for (std::size_t i = 0; i < dims.size(); i++) dims[i] = TF_Dim(source, static_cast<int>(i));
}

Tensor Call::input(int index) {
  Status status;
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context, index, &tensor, status);
  status.check();
  return Tensor(tensor);
}

Tensor Call::allocate(int index, const Shape& shape, TF_DataType type) {
  Status status;
  const std::size_t bytes = sizeOf(shape) * sizeof(float);
  TF_Tensor* tensor =
      TF_AllocateOutput(context, index, type, shape.data(), static_cast<int>(shape.size()), bytes, status);
  status.check();
  return Tensor(tensor);
}

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument("expected " + what);
}

namespace {

template <class Value>
Value attribute(TF_OpKernelConstruction* construction, const char* name,
                void (*get)(TF_OpKernelConstruction*, const char*, Value*, TF_Status*)) {
  Status status;
  Value value{};
  get(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return value;
}

}  // namespace

float Attributes::real(const char* name) { return attribute(construction, name, TF_OpKernelConstruction_GetAttrFloat); }

bool Attributes::truth(const char* name) {
  return attribute(construction, name, TF_OpKernelConstruction_GetAttrBool) != 0;
}

std::int64_t Attributes::integer(const char* name) {
  return attribute(construction, name, TF_OpKernelConstruction_GetAttrInt64);
}

namespace {

struct ShapeHandle {
  TF_ShapeHandle* const handle;
  explicit ShapeHandle(TF_ShapeHandle* handle) : handle(handle) {}
  ~ShapeHandle() { TF_DeleteShapeHandle(handle); }
};

}  // namespace

void Shapes::same(int output, int input) {
  ShapeHandle shape(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context, input, shape.handle, status);
  TF_ShapeInferenceContextSetOutput(context, output, shape.handle, status);
}

void Shapes::set(int output, const std::vector<Axis>& axes) {
  ShapeHandle shape(TF_ShapeInferenceContextScalar(context));
  for (const Axis& axis : axes) {
    ShapeHandle size(axis.input < 0 ? TF_ShapeInferenceContextVectorFromSize(context, static_cast<std::size_t>(axis.size))
                                   : TF_NewShapeHandle());
    if (axis.input >= 0) {
      ShapeHandle all(TF_NewShapeHandle());
      TF_ShapeInferenceContextGetInput(context, axis.input, all.handle, status);
      if (!TF_ShapeInferenceContextRankKnown(context, all.handle)) return unknown();
      const std::int64_t rank = TF_ShapeInferenceContextRank(context, all.handle);
      const std::int64_t at = axis.axis < 0 ? rank + axis.axis : axis.axis;
      if (at < 0 || at >= rank) {
        TF_SetStatus(status, TF_INVALID_ARGUMENT, "an input has too few axes");
        return;
      }
      TF_ShapeInferenceContextSubshape(context, all.handle, at, at + 1, size.handle, status);
    }
    TF_ShapeInferenceContextConcatenateShapes(context, shape.handle, size.handle, shape.handle, status);
  }
  TF_ShapeInferenceContextSetOutput(context, output, shape.handle, status);
}

void Shapes::unknown() { TF_ShapeInferenceContextSetUnknownShape(context, status); }

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

void set(TF_Status* status, const std::exception& error) {
  const auto* failure = dynamic_cast<const Failure*>(&error);
  const bool noMemory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  const TF_Code code = failure != nullptr ? failure->code : noMemory ? TF_RESOURCE_EXHAUSTED : TF_INVALID_ARGUMENT;
  TF_SetStatus(status, code, noMemory ? "OOM when allocating room for a kernel" : error.what());
}

}  // namespace banyan
