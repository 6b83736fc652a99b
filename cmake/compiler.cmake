# Warnings, sanitizers, ccache and the linker, for every target.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # gcc 12's own std::stable_sort calls std::get_temporary_buffer, which C++17 deprecated.
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(PASU_WERROR)
  add_compile_options(-Werror)
endif()
if(PASU_SANITIZE)
  add_compile_options(-fsanitize=${PASU_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PASU_SANITIZE})
endif()
if(PASU_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
