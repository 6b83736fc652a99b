// libavcodec's frame threads hand pictures over by means that ThreadSanitizer cannot see, since the
// library is not built with it. Races in our own code are still reported.
#ifdef __SANITIZE_THREAD__
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libavcodec.so\n"
         "called_from_lib:libavutil.so\n"
         "called_from_lib:libx264.so\n";
}
#endif
