#include "detect/detail/openvino.h"

#include <filesystem>

#include <openvino/frontend/manager.hpp>

#include "base/guard.h"

namespace pasu::detect::detail {
namespace {

/// The name of the front end that reads such files; nullptr where we know none.
const char* front_end_for(const std::filesystem::path& file) {
  const auto extension = file.extension();
  if (extension == ".xml") return "ir";
  if (extension == ".onnx") return "onnx";
  if (extension == ".pb") return "tf";
  return nullptr;
}

/// Left to choose, OpenVINO asks all its front ends in turn: TensorFlow's complains on stderr of
/// files that are not its own, and leaks.
Result<std::shared_ptr<ov::Model>> load(const std::string& file, const char* front_end) {
  static auto* const manager = new ov::frontend::FrontEndManager;  // Kept for ever, as ov_core().
  const auto reader = manager->load_by_framework(front_end);
  const auto parts = reader->load(file);
  if (parts == nullptr) return fail(Errc::malformed, "the {} front end refuses it", front_end);
  return reader->convert(parts);
}

}  // namespace

ov::Core& ov_core() {
  static auto* const core = new ov::Core;
  return *core;
}

Result<std::shared_ptr<ov::Model>> read_model(const std::string& file) {
  std::error_code error;
  const std::filesystem::path path(file);
  const char* front_end = front_end_for(path);
  if (front_end == nullptr)
    return fail(Errc::unsupported, "{}: is no network; expected a .xml, .onnx or .pb file", file);
  if (!std::filesystem::is_regular_file(path, error))
    return fail(Errc::not_found, "{}: no such file", file);
  if (path.extension() == ".xml") {
    auto bin = path;
    bin.replace_extension(".bin");
    if (!std::filesystem::is_regular_file(bin, error))
      return fail(Errc::not_found,
                  "{}: no such file; it holds the weights of {} and must lie beside it",
                  bin.string(), path.filename().string());
  }
  auto model = guard([&] { return load(file, front_end); }, Errc::malformed);
  if (!model)
    return tl::unexpected(
        trimmed(model.error()).with(fmt::format("{}: not a network that can be read", file)));
  return model;
}

std::string tensor_name(const ov::Output<const ov::Node>& output) {
  // A tensor may have several names; the shortest is the one people gave it.
  std::string best;
  for (const std::string& name : output.get_names())
    if (best.empty() || name.size() < best.size() || (name.size() == best.size() && name < best))
      best = name;
  if (best.ends_with(":0")) best.resize(best.size() - 2);
  return best;
}

std::vector<int64_t> shape_of(const ov::PartialShape& shape) {
  std::vector<int64_t> out;
  if (shape.rank().is_dynamic()) return out;
  for (const ov::Dimension& n : shape) out.push_back(n.is_static() ? n.get_length() : -1);
  return out;
}

Error trimmed(const Error& error) {
  std::string_view text = error.message();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (const size_t at = text.rfind('\n'); at != text.npos) text.remove_prefix(at + 1);
  return Error(error.code(), std::string(text));
}

}  // namespace pasu::detect::detail
