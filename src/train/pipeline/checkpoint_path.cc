#include "train/pipeline/checkpoint_path.h"

#include <cstring>
#include <filesystem>

#include "base/read_file.h"
#include "train/data/text_proto.h"

namespace pasu::pipeline {
namespace {

namespace fs = std::filesystem;
using Kind = CheckpointPath::Kind;

constexpr const char* kState = "checkpoint";
constexpr size_t kStateBytesMax = 1u << 20;  // It lists every checkpoint that was kept.

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// What the names of a TensorFlow checkpoint's files begin with, of one of them; or empty.
std::string prefix_of(const std::string& name) {
  for (const char* end : {".index", ".meta"})
    if (name.ends_with(end)) return name.substr(0, name.size() - std::strlen(end));
  const size_t data = name.rfind(".data-");
  return data == name.npos ? "" : name.substr(0, data);
}

Result<CheckpointPath> in_folder(const std::string& folder) {
  const fs::path state = fs::path(folder) / kState;
  if (!is_file(state))
    return fail(Errc::not_found,
                "'{}' is a folder without TensorFlow's file '{}'; give what the files of a "
                "checkpoint in it begin with, such as '{}/model.ckpt'{}",
                folder, kState, folder,
                is_file(folder + "/best.ckpt") ? ", or '" + folder + "/best.ckpt'" : "");
  const std::string text = TRY(read_file(state, kStateBytesMax));
  const fs::path named = TRY(latest_checkpoint(text, state));
  const fs::path there = named.is_absolute() ? named : fs::path(folder) / named;
  // Paths in it are those of the machine that trained: files that moved are beside it.
  for (const fs::path& path : {there, fs::path(folder) / named.filename()})
    if (is_file(path.string() + ".index")) return CheckpointPath{Kind::tensorflow, path};
  return fail(Errc::not_found, "{} names '{}', and there is no {}.index; copy its files there",
              state.string(), named.string(), there.string());
}

}  // namespace

Result<CheckpointPath> find_checkpoint(const std::string& given) {
  if (is_file(given + ".index")) return CheckpointPath{Kind::tensorflow, given};
  std::error_code ignored;
  if (fs::is_directory(given, ignored)) return in_folder(given);
  if (const std::string prefix = prefix_of(given); !prefix.empty() && is_file(prefix + ".index"))
    return CheckpointPath{Kind::tensorflow, prefix};
  if (is_file(given)) return CheckpointPath{Kind::pasu, given};
  return fail(Errc::not_found, "there is no {}.index, and no file or folder of that name", given);
}

Result<std::string> latest_checkpoint(std::string_view text, const std::string& path) {
  data::TextLexer lexer(text, path);
  using TokenKind = data::TextToken::Kind;
  while (true) {
    const auto name = TRY(lexer.next());
    if (name.kind == TokenKind::end) break;
    if (name.kind != TokenKind::identifier || !TRY(lexer.take(':')))
      return lexer.error(name, "a field and ':' is wanted, found " + name.shown());
    std::string value;
    auto token = TRY(lexer.peek());
    if (token.kind == TokenKind::string)
      while (TRY(lexer.peek()).kind == TokenKind::string) {
        token = TRY(lexer.next());
        value += TRY(data::string_value(lexer, token));
      }
    else  // Times of the checkpoints.
      do token = TRY(lexer.next());
      while (token.is('-'));
    if (name.text != "model_checkpoint_path") continue;
    if (value.empty()) return lexer.error(name, "model_checkpoint_path has no text");
    return value;
  }
  return fail(Errc::malformed, "{}: has no model_checkpoint_path", path);
}

}  // namespace pasu::pipeline
