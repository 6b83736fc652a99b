// Which inputs a person may name: plain files and stream addresses, nothing that opens others.
#pragma once

#include <string>

#include "base/result.h"

namespace pasu::av {

struct InputRules {
  bool is_url = false;
  std::string url;                  ///< What libavformat opens.
  const char* protocols = nullptr;  ///< protocol_whitelist
  const char* formats = nullptr;    ///< format_whitelist
};

/// Errors: unsupported (a scheme that is none of video's).
[[nodiscard]] Result<InputRules> input_rules(const std::string& input);

}  // namespace pasu::av
