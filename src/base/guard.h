// guard: the border where a library's exceptions become our errors.
#pragma once

#include <exception>
#include <type_traits>

#include "base/result.h"

namespace pasu {

/// Runs `body` (returning T, or Result<T>) and turns any std::exception into an error with `code`.
template <class F>
[[nodiscard]] auto guard(F&& body, Errc code = Errc::internal) {
  using R = std::invoke_result_t<F>;
  constexpr bool is_result = requires(R r) { r.error(); };
  using Out = typename std::conditional_t<is_result, std::type_identity<R>,
                                          std::type_identity<Result<R>>>::type;
  try {
    if constexpr (std::is_void_v<R>) {
      body();
      return Out();
    } else {
      return Out(body());
    }
  } catch (const std::exception& e) {
    return Out(fail(code, "{}", e.what()));
  }
}

}  // namespace pasu
