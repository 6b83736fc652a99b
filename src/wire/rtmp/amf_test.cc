#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/amf0.h"
#include "wire/rtmp/amf3.h"
#include "wire/rtmp/test_support.h"

namespace pasu::rtmp {
namespace {

using testing::HasSubstr;

Object ecma(std::vector<Property> members) {
  Object object(std::move(members));
  object.ecma_array = true;
  return object;
}
Object typed(std::string name, std::vector<Property> members) {
  Object object(std::move(members));
  object.class_name = std::move(name);
  return object;
}

struct Case {
  const char* name;
  const char* hex;
  Value value;
  bool round_trip = true;  // Written the same way; otherwise it is read alone.
};

// AMF 0 specification, by section.
const Case kAmf0[] = {
    {"Number_2_2", "00 3ff8000000000000", 1.5},
    {"Boolean_2_3", "01 01", true},
    {"BooleanAnythingIsTrue_2_3", "01 07", true, false},
    {"String_2_4", "02 0003 666f6f", "foo"},
    {"StringEmpty_2_4", "02 0000", ""},
    {"Object_2_5", "03 0001 61 00 3ff0000000000000 0001 62 05 000009",
     Object({{"a", 1}, {"b", Null{}}})},
    {"ObjectEmpty_2_5", "03 000009", Object()},
    {"Null_2_7", "05", Null{}},
    {"Undefined_2_8", "06", Undefined{}},
    {"Reference_2_9", "0a 00000002 03 0001 61 01 01 000009 07 0001",
     Array{{Object({{"a", true}}), Object({{"a", true}})}}, false},
    {"EcmaArray_2_10", "08 00000001 0001 61 02 0001 62 000009", ecma({{"a", "b"}})},
    {"EcmaArrayWrongCount_2_10", "08 00000009 0001 61 02 0001 62 000009", ecma({{"a", "b"}}),
     false},
    {"EcmaArrayWithoutEnd_2_10", "08 00000001 0001 61 02 0001 62", ecma({{"a", "b"}}), false},
    {"StrictArray_2_12", "0a 00000002 05 01 00", Array{{Null{}, false}}},
    {"Date_2_13", "0b 4271e5f7d2ab0000 0000", Date{std::bit_cast<double>(0x4271e5f7d2ab0000)}},
    {"DateWithZone_2_13", "0b 0000000000000000 ffc4", Date{0, -60}},
    {"Unsupported_2_15", "0d", Undefined{}, false},
    {"Xml_2_17", "0f 00000004 3c612f3e", Xml{"<a/>"}},
    {"TypedObject_2_18", "10 0001 43 0001 61 05 000009", typed("C", {{"a", Null{}}})},
    {"AvmPlus_3_1", "11 04 2a", 42.0, false},
    {"AvmPlusWithin_3_1", "03 0001 61 11 06 07 666f6f 0001 62 05 000009",
     Object({{"a", "foo"}, {"b", Null{}}}), false},
};

TEST(Amf0, Table) {
  for (const Case& c : kAmf0) {
    SCOPED_TRACE(c.name);
    const TestBytes bytes = from_hex(c.hex);
    Amf0Reader reader(bytes);
    const auto value = reader.read();
    ASSERT_TRUE(value) << value.error().message();
    EXPECT_EQ(*value, c.value);
    EXPECT_TRUE(reader.at_end());
    TestBytes written;
    write_amf0(written, c.value);
    if (c.round_trip) {
      EXPECT_EQ(written, bytes);
    }
    // Every way it can be cut short is an error, but for the array that may miss its end.
    for (size_t n = 0; n < bytes.size(); ++n) {
      const auto cut = Amf0Reader(ByteView(bytes).first(n)).read();
      if (cut) {
        EXPECT_TRUE(c.value.get<Object>() != nullptr && c.value.get<Object>()->ecma_array);
      } else {
        EXPECT_EQ(cut.error().code(), Errc::truncated) << n << cut.error().message();
      }
    }
  }
}

TEST(Amf0, LongStringsAreWrittenLong) {
  const Value value(std::string(70'000, 'x'));
  TestBytes bytes;
  write_amf0(bytes, value);
  EXPECT_EQ(bytes[0], 0x0C);  // 2.14
  EXPECT_EQ(Amf0Reader(bytes).read().value(), value);
}

struct Refused {
  const char* name;
  const char* hex;
  Errc code;
  const char* says;
};

const Refused kAmf0Refused[] = {
    {"UnknownMarker_SRS681", "05 12", Errc::unsupported, "marker 0x12 at byte 1"},
    {"MovieClip_2_6", "04", Errc::unsupported, "marker 0x04 at byte 0"},
    {"RecordSet_2_16", "0e", Errc::unsupported, "marker 0x0e"},
    {"UnknownMarkerWithin", "03 0001 61 20", Errc::unsupported, "marker 0x20 at byte 4"},
    {"ObjectEndAlone", "09", Errc::unsupported, "marker 0x09"},
    {"ReferenceToNothing_2_9", "07 0000", Errc::malformed, "reference 0"},
    {"ReferenceToWhatEnclosesIt_2_9", "03 0001 61 07 0000 000009", Errc::too_large, "nested"},
    {"StrictArrayOf4GiB_2_12", "0a ffffffff 05", Errc::truncated, "ends early"},
    {"LongStringOf4GiB_2_14", "0c ffffffff 61", Errc::truncated, "ends early"},
};

TEST(Amf0, RefusedByNameAndByte) {
  for (const Refused& c : kAmf0Refused) {
    SCOPED_TRACE(c.name);
    const TestBytes bytes = from_hex(c.hex);
    Amf0Reader reader(bytes);
    auto value = reader.read();
    if (value && !reader.at_end()) value = reader.read();
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code(), c.code) << value.error().message();
    EXPECT_THAT(value.error().message(), HasSubstr(c.says));
  }
}

TestBytes repeated(const char* hex, size_t times) {
  TestBytes out;
  const TestBytes once = from_hex(hex);
  for (size_t i = 0; i < times; ++i) out.insert(out.end(), once.begin(), once.end());
  return out;
}

TEST(Amf0, NestedTenThousandDeepIsRefused) {
  for (const char* level :
       {"03 0001 61", "0a 00000001", "08 00000001 0001 61", "10 0000 0001 61"}) {
    const auto value = Amf0Reader(repeated(level, 10'000)).read();
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code(), Errc::too_large);
    EXPECT_THAT(value.error().message(), HasSubstr("nested deeper than 32"));
  }
}

// Each level refers twice to the one before: 2^30 objects out of 300 bytes.
TEST(Amf0, ReferencesThatUnfoldAreRefused) {
  TestBytes bytes = from_hex("0a 00000020");
  for (int i = 0; i < 30; ++i) {
    const uint8_t before = static_cast<uint8_t>(i);
    bytes.insert(bytes.end(), {0x0a, 0, 0, 0, 2, 0x07, 0, before, 0x07, 0, before});
  }
  const auto value = Amf0Reader(bytes).read();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), Errc::too_large);
}

TEST(Amf0, ManyValuesAreRefused) {
  TestBytes bytes = from_hex("0a 0000ffff");
  bytes.resize(bytes.size() + 0xffff, 0x05);
  const auto value = Amf0Reader(bytes).read();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), Errc::too_large);
}

// AMF 3 specification, by section.
const Case kAmf3[] = {
    {"Undefined_3_2", "00", Undefined{}},
    {"Null_3_3", "01", Null{}},
    {"False_3_4", "02", false},
    {"True_3_5", "03", true},
    {"Integer_3_6", "04 7f", 127},
    {"IntegerTwoBytes_1_3_1", "04 8100", 128},
    {"IntegerThreeBytes_1_3_1", "04 818000", 16384},
    {"IntegerFourBytes_1_3_1", "04 bfffffff", 268435455},
    {"IntegerNegative_3_6", "04 ffffffff", -1, false},
    {"Double_3_7", "05 3ff8000000000000", 1.5},
    {"String_3_8", "06 07 666f6f", "foo"},
    {"StringEmpty_3_8", "06 01", ""},
    {"StringReference_1_3_2", "09 05 01 06 07 666f6f 06 00", Array{{"foo", "foo"}}, false},
    {"XmlDocument_3_9", "07 09 3c612f3e", Xml{"<a/>"}, false},
    {"Date_3_10", "08 01 4271e5f7d2ab0000", Date{std::bit_cast<double>(0x4271e5f7d2ab0000)}},
    {"ArrayDense_3_11", "09 05 01 03 02", Array{{true, false}}},
    {"ArrayAssociative_3_11", "09 01 03 61 03 01", ecma({{"a", true}})},
    {"ArrayBoth_3_11", "09 03 03 61 03 01 02", ecma({{"a", true}, {"0", false}}), false},
    {"ObjectDynamic_3_12", "0a 0b 01 03 61 01 01", Object({{"a", Null{}}})},
    {"ObjectTyped_3_12", "0a 0b 03 43 03 61 01 01", typed("C", {{"a", Null{}}})},
    {"ObjectSealed_3_12", "0a 13 03 43 03 61 03", typed("C", {{"a", true}}), false},
    {"TraitReference_3_12", "09 05 01 0a 13 01 03 61 03 0a 01 02",
     Array{{Object({{"a", true}}), Object({{"a", false}})}}, false},
    {"ObjectReference_3_12", "09 05 01 0a 0b 01 03 61 01 01 0a 02",
     Array{{Object({{"a", Null{}}}), Object({{"a", Null{}}})}}, false},
    {"ExternalArrayCollection_3_12",
     "0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e 09 03 01 03",
     Array{{true}}, false},
    {"Xml_3_13", "0b 09 3c612f3e", Xml{"<a/>"}},
    {"ByteArray_3_14", "0c 07 010203", AmfBytes{1, 2, 3}},
};

TEST(Amf3, Table) {
  for (const Case& c : kAmf3) {
    SCOPED_TRACE(c.name);
    const TestBytes bytes = from_hex(c.hex);
    Amf3Reader reader(bytes);
    const auto value = reader.read();
    ASSERT_TRUE(value) << value.error().message();
    EXPECT_EQ(*value, c.value);
    EXPECT_TRUE(reader.at_end());
    TestBytes written;
    write_amf3(written, c.value);
    if (c.round_trip) {
      EXPECT_EQ(written, bytes);
    }
    for (size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_FALSE(Amf3Reader(ByteView(bytes).first(n)).read()) << n;
    }
  }
}

const Refused kAmf3Refused[] = {
    {"VectorInt", "0d 03 00 00000001", Errc::unsupported, "marker 0x0d"},
    {"Dictionary", "11 01 00", Errc::unsupported, "marker 0x11"},
    {"UnknownMarker", "42", Errc::unsupported, "marker 0x42 at byte 0"},
    {"Externalizable_3_12", "0a 07 03 43 00", Errc::unsupported, "class C"},
    {"ReferenceToNothing", "0a 02", Errc::malformed, "object reference 1"},
    {"StringReferenceToNothing", "06 04", Errc::malformed, "string reference 2"},
    {"TraitReferenceToNothing", "0a 05", Errc::malformed, "trait reference 1"},
    {"ReferenceToWhatEnclosesIt", "09 03 01 09 00", Errc::too_large, "nested"},
    {"ArrayOf2To28", "09 ffffffff 01 01", Errc::truncated, "ends early"},
    {"ByteArrayOf2To28", "0c ffffffff 01", Errc::truncated, "ends early"},
    {"TraitsOf2To25", "0a fffffff3 01", Errc::truncated, "ends early"},
};

TEST(Amf3, RefusedByNameAndByte) {
  for (const Refused& c : kAmf3Refused) {
    SCOPED_TRACE(c.name);
    const auto value = Amf3Reader(from_hex(c.hex)).read();
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code(), c.code) << value.error().message();
    EXPECT_THAT(value.error().message(), HasSubstr(c.says));
  }
}

TEST(Amf3, NestedTenThousandDeepIsRefused) {
  for (const char* level : {"09 03 01", "0a 0b 01 03 61", "0a 13 01 03 61"}) {
    const auto value = Amf3Reader(repeated(level, 10'000)).read();
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code(), Errc::too_large);
  }
  // The levels of AMF0 around the switch count too.
  TestBytes mixed = repeated("0a 00000001", 20);
  mixed.push_back(0x11);
  const TestBytes inner = repeated("09 03 01", 20);
  mixed.insert(mixed.end(), inner.begin(), inner.end());
  const auto value = Amf0Reader(mixed).read();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), Errc::too_large);
}

TEST(Amf3, WholeNumbersOf29BitsAreIntegers) {
  for (const double value : {0.0, 1.0, 268435455.0, 268435456.0, -1.0, 0.5, 1e300}) {
    TestBytes bytes;
    write_amf3(bytes, value);
    EXPECT_EQ(Amf3Reader(bytes).read().value(), Value(value)) << value;
  }
}

}  // namespace
}  // namespace pasu::rtmp
