# libtorch, for training only: the target torch::torch, linked by the rooms below cli in src/deps.txt and by pasu-train.
#
# Found by its parts rather than by its own CMake package, which asks for gflags, glog, protobuf and Python's headers and
# sets compiler flags for everybody. PASU_TORCH_DIR names another libtorch, for example one with CUDA: the folder with
# its include/ and lib/.
set(PASU_TORCH_DIR "" CACHE PATH "A libtorch other than the system's: the folder with include/ and lib/")
set(torch_hints "")
if(PASU_TORCH_DIR)
  set(torch_hints HINTS ${PASU_TORCH_DIR} NO_DEFAULT_PATH)
endif()
find_path(TORCH_INCLUDE_DIR ATen/ATen.h PATH_SUFFIXES include ${torch_hints})
find_path(TORCH_API_INCLUDE_DIR torch/torch.h
          PATH_SUFFIXES include/torch/csrc/api/include torch/csrc/api/include ${torch_hints})
foreach(part torch torch_cpu c10)
  find_library(TORCH_${part}_LIBRARY ${part} PATH_SUFFIXES lib ${torch_hints})
endforeach()
foreach(part torch_cuda c10_cuda)  # Only where that libtorch was built for CUDA.
  find_library(TORCH_${part}_LIBRARY ${part} PATH_SUFFIXES lib ${torch_hints})
endforeach()
mark_as_advanced(TORCH_INCLUDE_DIR TORCH_API_INCLUDE_DIR TORCH_torch_LIBRARY TORCH_torch_cpu_LIBRARY
                 TORCH_c10_LIBRARY TORCH_torch_cuda_LIBRARY TORCH_c10_cuda_LIBRARY)

set(can_train OFF)
if(TORCH_INCLUDE_DIR AND TORCH_API_INCLUDE_DIR AND TORCH_torch_cpu_LIBRARY AND TORCH_c10_LIBRARY)
  set(can_train ON)
endif()
set(train_preset ${can_train})
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR PASU_SANITIZE)
  # libtorch 1.13's headers are no C++20 to clang 19; and a libtorch that is not itself sanitized gives false alarms.
  set(train_preset OFF)
endif()
option(PASU_TRAIN "Build pasu-train, which needs libtorch" ${train_preset})
if(PASU_TRAIN AND NOT can_train)
  message(FATAL_ERROR "PASU_TRAIN is on, but libtorch is not found. Run scripts/setup.sh --train, which installs Debian's libtorch-dev, name another with -DPASU_TORCH_DIR, or leave training out: -DPASU_TRAIN=OFF")
endif()
if(PASU_TRAIN)
  add_library(torch::torch INTERFACE IMPORTED)
  target_include_directories(torch::torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIR} ${TORCH_API_INCLUDE_DIR})
  target_link_libraries(torch::torch INTERFACE ${TORCH_torch_cpu_LIBRARY} ${TORCH_c10_LIBRARY})
  if(TORCH_torch_cuda_LIBRARY AND TORCH_c10_cuda_LIBRARY)
    # Nothing names a symbol of these: they announce the device when they are loaded.
    target_link_libraries(torch::torch INTERFACE
      -Wl,--no-as-needed ${TORCH_torch_cuda_LIBRARY} ${TORCH_c10_cuda_LIBRARY} -Wl,--as-needed)
  endif()
endif()
