#include "base/config_text.h"

#include <gtest/gtest.h>

namespace pasu {
namespace {

struct Settings {
  std::string listen = "127.0.0.1";
  double fps = 5;
  int64_t port = 8080;
  bool quiet = false;
  std::vector<std::string> labels;
  std::vector<double> mean;
};

Result<Settings> read_settings(std::string_view text) {
  auto root = TRY(ConfigTable::parse(text, "pasu.toml"));
  auto table = TRY(root.table("server"));
  Settings out;
  TRY(table.read("listen", out.listen));
  TRY(table.read("fps", out.fps, 0.1, 60));
  TRY(table.read("port", out.port, 1, 65535));
  TRY(table.read("quiet", out.quiet));
  TRY(table.read("labels", out.labels));
  TRY(table.read("mean", out.mean));
  TRY(table.finish());
  TRY(root.finish());
  return out;
}

TEST(ConfigText, AbsentKeysKeepTheirDefaults) {
  const auto settings = read_settings("").value();
  EXPECT_EQ(settings.listen, "127.0.0.1");
  EXPECT_EQ(settings.port, 8080);
}

TEST(ConfigText, ReadsEveryType) {
  const auto settings =
      read_settings(
          "[server]\nlisten='0.0.0.0'\nfps=2\nport=99\nquiet=true\nlabels=['a','b']\n"
          "mean=[1, 2.5]")
          .value();
  EXPECT_EQ(settings.listen, "0.0.0.0");
  EXPECT_EQ(settings.fps, 2);
  EXPECT_EQ(settings.port, 99);
  EXPECT_TRUE(settings.quiet);
  EXPECT_EQ(settings.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(settings.mean, (std::vector<double>{1, 2.5}));
}

struct Case {
  const char* name;
  const char* text;
  const char* error;
};

const Case kCases[] = {
    {"UnknownKeyWithNearest", "[server]\nlisten='x'\nprot=1\n",
     "pasu.toml:3: server.prot: unknown key; did you mean 'port'?"},
    {"UnknownKeyAlone", "[server]\nzebra_crossing=1\n",
     "pasu.toml:2: server.zebra_crossing: unknown key"},
    {"UnknownTable", "[serve]\n", "pasu.toml:1: serve: unknown key; did you mean 'server'?"},
    {"WrongType", "[server]\n\nport='80'\n",
     "pasu.toml:3: server.port: expected a whole number, found a string"},
    {"FractionForWhole", "[server]\nport=80.5\n",
     "pasu.toml:2: server.port: expected a whole number, found a number"},
    {"OutOfRange", "[server]\nport=70000\n",
     "pasu.toml:2: server.port: 70000 is not between 1 and 65535"},
    {"NotANumberIsOutOfRange", "[server]\nfps=nan\n",
     "pasu.toml:2: server.fps: nan is not between 0.1 and 60"},
    {"ListOfOtherThings", "[server]\nlabels=['a',\n 5]\n",
     "pasu.toml:3: server.labels: expected a string in the list, found a whole number"},
    {"WrongTypeInNumbers", "[server]\nmean=[1,'2']\n",
     "pasu.toml:2: server.mean: expected a number in the list, found a string"},
    {"TableIsAValue", "server=1\n", "pasu.toml:1: server: expected a table, found a whole number"},
};

class ConfigErrors : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigErrors, NameFileLineKey) {
  const auto result = read_settings(GetParam().text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Table, ConfigErrors, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return param.param.name; });

TEST(ConfigText, SyntaxErrorsNameLineAndColumn) {
  const auto result = read_settings("[server]\nport = = 1\n");
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message().starts_with("pasu.toml:2:")) << result.error().message();
}

TEST(ConfigText, MissingFileIsNamed) {
  const auto result = ConfigTable::load("/nonexistent/pasu.toml");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::not_found);
}

}  // namespace
}  // namespace pasu
