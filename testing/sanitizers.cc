// What our programs tell the sanitizers, in builds that have one. Outside libraries come without
// instrumentation: what they keep for ever, and how their threads agree among themselves, is not
// for us to judge. Races and leaks in our own code are still reported.
#include <cstdlib>

extern "C" const char* __lsan_default_suppressions() {
  return "leak:libopenvino\n"
         "leak:libtbb\n"
         "leak:libhwloc\n";
}

// Each line must match one library alone.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libavcodec.so\n"
         "called_from_lib:libavutil.so\n"
         "called_from_lib:libx264.so\n"
         "called_from_lib:libopenvino.so\n"
         "called_from_lib:libopenvino_intel_cpu_plugin.so\n"
         "called_from_lib:libopenvino_ir_frontend.so\n"
         "called_from_lib:libopenvino_onnx_frontend.so\n"
         "called_from_lib:libopenvino_tensorflow_frontend.so\n"
         "called_from_lib:libtbb.so\n"
         // OpenVINO's executors wait with mutexes whose locking, inlined, was never seen; such a
         // report's stack ends in libstdc++.
         "mutex:std::condition_variable::wait\n";
}

namespace {
// Else TBB loads its parts in a way that AddressSanitizer refuses. Before main(), since it is read
// when the first of its threads starts.
[[gnu::constructor]] void prepare_tbb() { setenv("TBB_ENABLE_SANITIZERS", "1", 0); }
}  // namespace
