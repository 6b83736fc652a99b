// What a connection machine asks its owner to send.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace pasu::wire {

/// Bytes to be sent now, in order, as one gathered write. Each take_output() of a machine gives
/// whole protocol messages, so an owner may put its own whole messages between two of them.
using Output = std::vector<Bytes>;

}  // namespace pasu::wire
