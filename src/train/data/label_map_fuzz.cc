// Any text as a label map: what is taken keeps the rules; tokens lie in the text, in order.
#include <cstdint>
#include <string>

#include "train/data/label_map.h"
#include "train/data/text_proto.h"

using namespace pasu::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  TextLexer lexer(text, "fuzz");
  const char* last = text.data();
  for (int line = 1;;) {
    const auto token = lexer.next();
    if (!token || token->kind == TextToken::Kind::end) break;
    if (token->text.empty() || token->text.data() < last || token->line < line) __builtin_trap();
    line = token->line;
    last = token->text.data() + token->text.size();
    (void)string_value(lexer, *token);
    (void)integer_value(lexer, *token);
    (void)double_value(lexer, *token);
  }
  std::vector<Finding> findings;
  const auto map = parse_label_map(text, "fuzz", &findings);
  if (!map) return 0;
  for (size_t i = 0; i < map->labels.size(); ++i)
    if (map->labels[i].id < 1 || (i > 0 && map->labels[i].id <= map->labels[i - 1].id) ||
        map->find(map->labels[i].id) != &map->labels[i])
      __builtin_trap();
  return 0;
}
