// An operation of TensorFlow by its C interface, on float32 on a CPU.
#pragma once
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow.h"

namespace banyan {

using Shape = std::vector<std::int64_t>;

std::int64_t sizeOf(const Shape& shape);

// What TensorFlow said, with its code.
struct Failure : std::runtime_error {
  Failure(TF_Code code, const char* message) : std::runtime_error(message), code(code) {}
  const TF_Code code;
};

class Status {
 public:
  Status() : status(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status); }
  Status(const Status&) = delete;
  operator TF_Status*() { return status; }
  // Throws what it says, unless that is that all is well.
  void check() {
    if (TF_GetCode(status) != TF_OK) throw Failure(TF_GetCode(status), TF_Message(status));
  }

 private:
  TF_Status* status;
};

// A tensor for as long as one call.
class Tensor {
 public:
  explicit Tensor(TF_Tensor* tensor);
  float* data() const { return numbers; }
  // Of one of int32.
  std::int32_t* integers() const { return reinterpret_cast<std::int32_t*>(numbers); }
  const Shape& shape() const { return dims; }
  std::int64_t size() const { return sizeOf(dims); }

 private:
  std::unique_ptr<TF_Tensor, void (*)(TF_Tensor*)> tensor;
  float* numbers;
  Shape dims;
};

// One call of an operation.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context(context) {}
  int inputs() { return TF_NumInputs(context); }
  Tensor input(int index);
  Tensor output(int index, const Shape& shape) { return allocate(index, shape, TF_FLOAT); }
  Tensor outputOfIntegers(int index, const Shape& shape) { return allocate(index, shape, TF_INT32); }

 private:
  // Of four bytes a number.
  Tensor allocate(int index, const Shape& shape, TF_DataType type);

  TF_OpKernelContext* const context;
};

// Throws std::invalid_argument where `holds` is false.
void expect(bool holds, const std::string& what);

// The attributes of one use of an operation.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction(construction) {}
  float real(const char* name);
  bool truth(const char* name);
  std::int64_t integer(const char* name);

 private:
  TF_OpKernelConstruction* const construction;
};

// An axis of an input, counted from the end where it is negative; or a size.
struct Axis {
  int input, axis;
  std::int64_t size = 0;
};

inline Axis axis(int input, int axis) { return {input, axis}; }
inline Axis size(std::int64_t size) { return {-1, 0, size}; }

// Shapes while a graph is built: of inputs, to outputs. Some sizes may not be known, or not even how many there are.
class Shapes {
 public:
  Shapes(TF_ShapeInferenceContext* context, TF_Status* status) : context(context), status(status) {}
  void same(int output, int input);
  void set(int output, const std::vector<Axis>& axes);
  // Of all outputs.
  void unknown();

 private:
  TF_ShapeInferenceContext* const context;
  TF_Status* const status;
};

// What an operation is called with and gives; each in TensorFlow's notation (`x: float`, `epsilon: float`).
struct Definition {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
};

void define(const Definition& definition);
// Gives the status what went wrong.
void set(TF_Status* status, const std::exception& error);

// Kernel has a constructor of Attributes and a method `compute(Call&) const`.
template <class Kernel>
void implement(const char* name) {
  const auto create = [](TF_OpKernelConstruction* construction) -> void* {
    try {
      Attributes attributes(construction);
      return new Kernel(attributes);
    } catch (const std::exception& error) {
      Status status;
      set(status, error);
      TF_OpKernelConstruction_Failure(construction, status);
      return nullptr;
    }
  };
  const auto compute = [](void* kernel, TF_OpKernelContext* context) {
    try {
      Call call(context);
      static_cast<const Kernel*>(kernel)->compute(call);
    } catch (const std::exception& error) {
      Status status;
      set(status, error);
      TF_OpKernelContext_Failure(context, status);
    }
  };
  const auto destroy = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  Status status;
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute, destroy), status);
  status.check();
}

}  // namespace banyan
