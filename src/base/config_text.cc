#include "base/config_text.h"

#include <algorithm>

#include <toml++/toml.h>

#include "base/nearest.h"
#include "base/read_file.h"

namespace pasu {

struct ConfigTable::Impl {
  std::shared_ptr<const toml::table> document;  // Keeps `table` alive.
  const toml::table* table = nullptr;           // Null: the table is absent.
  std::string name;                             // Of the document.
  std::string path;                             // "camera." or "".
  std::vector<std::string> known;

  std::string at(const toml::node* node, const std::string& key) const {
    if (node == nullptr) node = table;
    const auto line = node ? node->source().begin.line : 0;
    if (line == 0) return fmt::format("{}: {}{}", name, path, key);
    return fmt::format("{}:{}: {}{}", name, line, path, key);
  }

  const toml::node* find(const std::string& key) {
    known.push_back(key);
    return table ? table->get(key) : nullptr;
  }

  template <class T>
  Result<void> read(const std::string& key, T& out, const char* expected) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    if (const auto value = node->value_exact<T>()) {
      out = *value;
      return {};
    }
    if constexpr (std::is_same_v<T, double>) {
      if (const auto whole = node->value_exact<int64_t>()) {
        out = static_cast<double>(*whole);
        return {};
      }
    }
    return wrong_type(node, key, expected);
  }

  tl::unexpected<Error> wrong_type(const toml::node* node, const std::string& key,
                                   const char* expected) const {
    return fail(Errc::malformed, "{}: expected {}, found {}", at(node, key), expected,
                type_name(*node));
  }

  static const char* type_name(const toml::node& node) {
    switch (node.type()) {
      case toml::node_type::table:
        return "a table";
      case toml::node_type::array:
        return "a list";
      case toml::node_type::string:
        return "a string";
      case toml::node_type::integer:
        return "a whole number";
      case toml::node_type::floating_point:
        return "a number";
      case toml::node_type::boolean:
        return "true or false";
      default:
        return "a date or time";
    }
  }

  template <class T>
  Result<void> read_between(const std::string& key, T& out, T low, T high, const char* expected) {
    T value = out;
    TRY(read(key, value, expected));
    // Written so that a NaN fails too.
    if (table && table->contains(key) && !(value >= low && value <= high))
      return fail(Errc::malformed, "{}: {} is not between {} and {}", at(table->get(key), key),
                  value, low, high);
    out = value;
    return {};
  }

  std::unique_ptr<Impl> child(const toml::table* node, const std::string& key) const {
    auto made = std::make_unique<Impl>();
    made->document = document;
    made->table = node;
    made->name = name;
    made->path = path + key + ".";
    return made;
  }
};

ConfigTable::ConfigTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ConfigTable::ConfigTable(ConfigTable&&) noexcept = default;
ConfigTable& ConfigTable::operator=(ConfigTable&&) noexcept = default;
ConfigTable::~ConfigTable() = default;

Result<ConfigTable> ConfigTable::parse(std::string_view text, std::string name) {
  try {
    auto impl = std::make_unique<Impl>();
    impl->document = std::make_shared<const toml::table>(toml::parse(text));
    impl->table = impl->document.get();
    impl->name = std::move(name);
    return ConfigTable(std::move(impl));
  } catch (const toml::parse_error& e) {
    return fail(Errc::malformed, "{}:{}:{}: {}", name, e.source().begin.line,
                e.source().begin.column, e.description());
  }
}

Result<ConfigTable> ConfigTable::load(const std::string& path) {
  return parse(TRY(read_file(path, kFileBytesMax)), path);
}

Result<void> ConfigTable::read(const std::string& key, std::string& out) {
  return impl_->read(key, out, "a string");
}
Result<void> ConfigTable::read(const std::string& key, bool& out) {
  return impl_->read(key, out, "true or false");
}
Result<void> ConfigTable::read(const std::string& key, double& out) {
  return impl_->read(key, out, "a number");
}
Result<void> ConfigTable::read(const std::string& key, int64_t& out) {
  return impl_->read(key, out, "a whole number");
}
Result<void> ConfigTable::read(const std::string& key, double& out, double low, double high) {
  return impl_->read_between(key, out, low, high, "a number");
}
Result<void> ConfigTable::read(const std::string& key, int64_t& out, int64_t low, int64_t high) {
  return impl_->read_between(key, out, low, high, "a whole number");
}

Result<void> ConfigTable::read(const std::string& key, std::vector<std::string>& out) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  if (list == nullptr) return impl_->wrong_type(node, key, "a list of strings");
  std::vector<std::string> values;
  for (const toml::node& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return impl_->wrong_type(&item, key, "a string in the list");
    values.push_back(*text);
  }
  out = std::move(values);
  return {};
}

Result<void> ConfigTable::read(const std::string& key, std::vector<double>& out) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  if (list == nullptr) return impl_->wrong_type(node, key, "a list of numbers");
  std::vector<double> values;
  for (const toml::node& item : *list) {
    const auto number = item.value<double>();  // Whole numbers too.
    if (!item.is_number() || !number) return impl_->wrong_type(&item, key, "a number in the list");
    values.push_back(*number);
  }
  out = std::move(values);
  return {};
}

bool ConfigTable::has(const std::string& key) const {
  return impl_->table && impl_->table->contains(key);
}

Result<ConfigTable> ConfigTable::table(const std::string& key) {
  const toml::node* node = impl_->find(key);
  if (node && !node->is_table()) return impl_->wrong_type(node, key, "a table");
  return ConfigTable(impl_->child(node ? node->as_table() : nullptr, key));
}

Result<std::vector<ConfigTable>> ConfigTable::tables(const std::string& key) {
  std::vector<ConfigTable> out;
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return out;
  const toml::array* list = node->as_array();
  if (list == nullptr) return impl_->wrong_type(node, key, "a list of tables, written [[...]]");
  for (const toml::node& item : *list) {
    if (!item.is_table()) return impl_->wrong_type(&item, key, "a table, written [[...]]");
    out.push_back(ConfigTable(impl_->child(item.as_table(), key)));
  }
  return out;
}

tl::unexpected<Error> ConfigTable::error(const std::string& key, std::string_view sentence) const {
  const toml::node* node = impl_->table ? impl_->table->get(key) : nullptr;
  return fail(Errc::malformed, "{}: {}", impl_->at(node, key), sentence);
}

Result<void> ConfigTable::finish() const {
  if (impl_->table == nullptr) return {};
  for (const auto& [key, node] : *impl_->table) {
    const std::string name(key.str());
    if (std::find(impl_->known.begin(), impl_->known.end(), name) != impl_->known.end()) continue;
    const auto guess = nearest(name, impl_->known);
    return fail(Errc::malformed, "{}: unknown key{}", impl_->at(&node, name),
                guess ? fmt::format("; did you mean '{}'?", *guess) : "");
  }
  return {};
}

}  // namespace pasu
