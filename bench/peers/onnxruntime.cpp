// onnxruntime.cpp: ONNX Runtime through its C interface as a program that bench/run asks in turn
// (../serve.h). Usage: onnxruntime libonnxruntime.so THREADS PYTHON
//
//   infer lstm T,B,I,H,1     from given states to new ones; the model is made by make_onnx.py, run with
//   PYTHON
// The library is opened at run time, so that any release will do whose header this was compiled with or a
// later one.
#include <dlfcn.h>
#include <onnxruntime_c_api.h>

#include <cstdlib>
#include <memory>

#include "serve.h"

namespace {

const OrtApi* api = nullptr;

void check(OrtStatus* status) {
  if (status == nullptr) return;
  const std::string message = api->GetErrorMessage(status);
  api->ReleaseStatus(status);
  throw std::runtime_error(message);
}

struct Tensor {
  std::vector<float> data;
  OrtValue* value = nullptr;
  Tensor(const OrtMemoryInfo* where, std::vector<int64_t> shape, float fill) {
    std::size_t count = 1;
    for (const int64_t n : shape) count *= static_cast<std::size_t>(n);
    data.assign(count, fill);
    check(api->CreateTensorWithDataAsOrtValue(where, data.data(), count * sizeof(float), shape.data(),
                                              shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
  }
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  ~Tensor() { api->ReleaseValue(value); }
};

struct Session {
  OrtSession* session = nullptr;
  ~Session() { api->ReleaseSession(session); }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: onnxruntime libonnxruntime.so THREADS PYTHON\n");
    return 2;
  }
  void* library = dlopen(argv[1], RTLD_NOW);
  auto* base_of = library == nullptr
                      ? nullptr
                      : reinterpret_cast<const OrtApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  if (base_of == nullptr) {
    std::fprintf(stderr, "onnxruntime: %s\n", dlerror());
    return 1;
  }
  api = base_of()->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    std::fprintf(stderr, "onnxruntime: %s is older than the header\n", argv[1]);
    return 1;
  }
  std::printf("onnxruntime %s\n", base_of()->GetVersionString());
  std::fflush(stdout);
  OrtEnv* env = nullptr;
  check(api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "bench", &env));
  OrtMemoryInfo* where = nullptr;
  check(api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &where));
  return bench::serve([&](const std::vector<std::string>& words) {
    if (words.size() != 3 || words[0] != "infer" || words[1] != "lstm")
      throw std::runtime_error("here onnxruntime knows infer lstm");
    const std::vector<int> n = bench::numbers(words[2], 5);
    if (n[4] != 1) throw std::runtime_error("one layer here");
    const int64_t steps = n[0], lanes = n[1], inputs = n[2], units = n[3];
    const std::string model =
        "/tmp/bench_lstm_" + std::to_string(inputs) + "_" + std::to_string(units) + ".onnx";
    const std::string command = std::string(argv[3]) + " " PEERS "/make_onnx.py " + std::to_string(inputs) +
                                " " + std::to_string(units) + " " + model;
    if (std::system(command.c_str()) != 0)
      throw std::runtime_error("make_onnx.py failed: is python3-onnx installed?");
    OrtSessionOptions* options = nullptr;
    check(api->CreateSessionOptions(&options));
    check(api->SetIntraOpNumThreads(options, std::atoi(argv[2])));
    check(api->SetInterOpNumThreads(options, 1));
    check(api->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
    // Threads that spin between two runs would take from whoever is measured in turn.
    check(api->AddSessionConfigEntry(options, "session.force_spinning_stop", "1"));
    auto session = std::make_shared<Session>();
    check(api->CreateSession(env, model.c_str(), options, &session->session));
    api->ReleaseSessionOptions(options);
    auto x = std::make_shared<Tensor>(where, std::vector<int64_t>{steps, lanes, inputs}, 0.3f);
    auto y = std::make_shared<Tensor>(where, std::vector<int64_t>{steps, 1, lanes, units}, 0.0f);
    std::vector<std::shared_ptr<Tensor>> states;
    for (int i = 0; i < 4; ++i)
      states.push_back(std::make_shared<Tensor>(where, std::vector<int64_t>{1, lanes, units}, 0.0f));
    bench::Work work;
    work.flop = 2.0 * 4 * n[0] * n[1] * n[3] * (n[2] + n[3]);
    work.run = [session, x, y, states] {
      const char *in[] = {"X", "h0", "c0"}, *out[] = {"Y", "h1", "c1"};
      const OrtValue* inputs[] = {x->value, states[0]->value, states[1]->value};
      OrtValue* outputs[] = {y->value, states[2]->value, states[3]->value};
      check(api->Run(session->session, nullptr, in, inputs, 3, out, 3, outputs));
    };
    return work;
  });
}
