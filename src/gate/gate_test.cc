// The gate as a camera's analyser drives it, on the pictures of a drawn scene.
#include "gate/gate.h"

#include <set>

#include <gtest/gtest.h>

#include "gate/held_units.h"
#include "gate/test_scene.h"

namespace pasu::gate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kFps = 10;

/// A camera, its decoder and its detector, which sees whoever stands at most so often.
/// Somebody in the picture; the detector sees them.
struct Person {
  float x = 60, y = 40, width = 5, height = 14, contrast = 40;
};

class Rig {
 public:
  explicit Rig(const GateOptions& options = {}, uint32_t seed = 1) : gate(options), scene(seed) {
    gate.begin(now());
  }

  std::optional<Person> person;
  bool detector_sees = true;
  float detector_score = 2;  ///< Of a person, in thresholds.
  int gop = kFps;            ///< Frames; 0: no key frame ever comes.
  std::function<void(Picture&)> weather = [](Picture&) {};
  bool damaged = false;
  media::Pts jump{0};  ///< Added to the clock.
  int width = Scene::kWidth;

  Gate gate;
  Scene scene;
  std::set<media::Pts> analysed;
  int decoded = 0, replayed = 0;

  void run(double for_seconds) {
    for (int i = 0; i < static_cast<int>(for_seconds * kFps); ++i) step();
  }
  /// Runs until that holds; the seconds it took, or a minute.
  template <class Done>
  double run_until(Done done) {
    for (int i = 0; i < 60 * kFps; ++i) {
      if (done()) return static_cast<double>(i) / kFps;
      step();
    }
    return 60;
  }
  /// Begins a quiet stretch that ends asleep.
  void fall_asleep() {
    run_until([&] { return !gate.awake(); });
  }
  [[nodiscard]] media::Pts last_pts() const { return pts_of(number_ - 1); }

 private:
  struct Unit {
    media::Pts pts;
    media::Frame frame;
    bool somebody;
  };

  [[nodiscard]] media::Pts pts_of(int n) const { return jump + n * milliseconds(1000 / kFps); }
  [[nodiscard]] MonoTime now() const { return MonoTime(number_ * milliseconds(1000 / kFps)); }

  void step() {
    const bool key = gop > 0 && number_ % gop == 0;
    Picture p = scene.background();
    if (person)
      Scene::add_person(p, person->x, person->y, person->width, person->height, person->contrast);
    scene.add_noise(p, 0.5f);
    weather(p);
    Unit unit{pts_of(number_), Scene::frame(p, pts_of(number_), key), person.has_value()};
    unit.frame.damaged = damaged;
    unit.frame.width = width;
    ++number_;
    const UnitStep step = gate.on_unit(unit.pts, key, now());
    if (key && step.action != Action::skip) {
      previous_ = std::move(running_);
      running_.clear();
    }
    running_.push_back(std::move(unit));
    if (step.replay != Replay::none)
      replay(step.replay);
    else if (step.action != Action::skip)
      decode(running_.back());
  }
  void decode(const Unit& unit) {
    ++decoded;
    const FrameStep step = gate.on_frame(unit.frame, now());
    Replay wanted = step.replay;
    if (step.analyse) {
      EXPECT_TRUE(analysed.insert(unit.pts).second) << "the same frame twice";
      const bool sees = unit.somebody && detector_sees;
      const Replay answer = gate.on_result(unit.pts,
                                           {.score = sees ? detector_score : 0,
                                            .tracked = sees && detector_score >= 1 && gate.awake()},
                                           now());
      if (answer != Replay::none) wanted = answer;
    }
    if (wanted != Replay::none) replay(wanted);
  }
  void replay(Replay what) {
    ++replayed;
    if (what == Replay::with_previous)
      for (const Unit& unit : previous_) decode(unit);
    for (const Unit& unit : running_) decode(unit);
  }

  std::vector<Unit> previous_, running_;
  int number_ = 0;
};

TEST(Gate, BeginsAsleepAndLooksAtOnce) {
  Rig rig;
  EXPECT_EQ(rig.gate.why(), "asleep: the stream has just begun");
  rig.run(0.1);
  EXPECT_EQ(rig.analysed.size(), 1u);
  EXPECT_EQ(rig.gate.cause(), Cause::quiet);
  rig.run(59.9);
  EXPECT_FALSE(rig.gate.awake());
  EXPECT_EQ(rig.decoded, 60);  // Key frames alone.
  EXPECT_NEAR(static_cast<double>(rig.gate.counters().heartbeats), 15, 1);
  EXPECT_EQ(rig.gate.why(), "asleep: nobody is there and nothing moves");
}

TEST(Gate, WhoWalksInIsSeenFromTheFirstFrameOn) {
  Rig rig;
  rig.fall_asleep();
  rig.run(5.3);
  const media::Pts came = rig.last_pts() + milliseconds(100);
  rig.person.emplace();
  for (int i = 0; i < 4 * kFps; ++i) {
    rig.person->x += 1;
    rig.run(0.1);
  }
  EXPECT_TRUE(rig.gate.awake());
  EXPECT_EQ(rig.gate.cause(), Cause::person);
  EXPECT_EQ(rig.gate.counters().wakes_motion, 1u);
  EXPECT_EQ(rig.replayed, 1);
  // The GOP in which they came is analysed too, at five frames a second.
  EXPECT_TRUE(rig.analysed.contains(came) || rig.analysed.contains(came + milliseconds(100)));
  EXPECT_GE(std::distance(rig.analysed.lower_bound(came), rig.analysed.end()), 19);
}

TEST(Gate, WhereItIsWaryWhatMovesBeforeANewCameraIsLookedAtFirst) {
  Rig rig({.heartbeat = seconds(0)});
  rig.gate.be_wary(true);
  rig.detector_sees = false;
  rig.person.emplace();
  for (int i = 0; i < 10 * kFps; ++i) {
    rig.person->x += 1;
    rig.run(0.1);
  }
  EXPECT_FALSE(rig.gate.awake());
  EXPECT_GE(rig.gate.counters().moved, 5u);
  EXPECT_EQ(rig.analysed.size(), rig.gate.counters().moved + 1);
  rig.detector_sees = true;
  for (int i = 0; i < 2 * kFps; ++i) {
    rig.person->x -= 2;
    rig.run(0.1);
  }
  EXPECT_TRUE(rig.gate.awake());
  EXPECT_EQ(rig.gate.counters().wakes_motion, 1u);
  EXPECT_EQ(rig.replayed, 1);
}

TEST(Gate, WhoIsThereAtTheStartWakesIt) {
  Rig rig({.heartbeat = seconds(0)});
  rig.person.emplace();
  rig.run(1);
  EXPECT_TRUE(rig.gate.awake());
  EXPECT_GE(rig.analysed.size(), 5u);
}

TEST(Gate, LimitedToFewerFramesItTakesThem) {
  Rig rig;
  rig.person.emplace();
  rig.run(5);
  rig.gate.limit(2, Thrift::nobody);  // Somebody is there: all is decoded all the same.
  const size_t analysed = rig.analysed.size();
  const int decoded = rig.decoded;
  rig.run(10);
  EXPECT_NEAR(static_cast<double>(rig.analysed.size() - analysed), 20, 2);
  EXPECT_EQ(rig.decoded - decoded, 10 * kFps);
}

TEST(Gate, WithThriftKeyFramesAloneAreDecodedAndAllAreAnalysed) {
  Rig rig;
  rig.person.emplace();
  rig.run(5);
  rig.gate.limit(5, Thrift::all);
  const size_t analysed = rig.analysed.size();
  const int decoded = rig.decoded;
  rig.run(10);
  EXPECT_TRUE(rig.gate.awake());
  EXPECT_EQ(rig.decoded - decoded, 10);
  EXPECT_EQ(rig.analysed.size() - analysed, 10u);
  EXPECT_EQ(rig.replayed, 1) << "of the wake before";
  rig.gate.limit(5, Thrift::none);
  rig.run(3);
  EXPECT_GE(rig.analysed.size() - analysed, 10u + 14u);
  EXPECT_EQ(rig.replayed, 2) << "from the running key frame on";
}

TEST(Gate, WithThriftAWakeDecodesNothingAgain) {
  Rig rig;
  rig.run(10);
  rig.gate.limit(5, Thrift::nobody);
  rig.detector_sees = false;
  rig.person.emplace();
  rig.run_until([&] { return rig.gate.awake(); });
  EXPECT_EQ(rig.replayed, 0);
  EXPECT_TRUE(rig.analysed.contains(rig.last_pts()));
}

TEST(Gate, WithoutLookingBackItGoesOnFromTheKeyFrame) {
  Rig rig({.look_back = false});
  rig.fall_asleep();
  rig.person.emplace();
  rig.run_until([&] { return rig.gate.awake(); });
  EXPECT_EQ(rig.last_pts().count() % 1'000'000'000, 0);
  EXPECT_TRUE(rig.analysed.contains(rig.last_pts()));
}

TEST(Gate, WhoStandsStillIsFoundByALook) {
  Rig rig;
  rig.person.emplace();
  rig.detector_sees = false;  // For a while, so that it falls asleep.
  rig.fall_asleep();
  rig.run(10);
  EXPECT_FALSE(rig.gate.awake());
  rig.detector_sees = true;
  EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 5);
  EXPECT_EQ(rig.gate.cause(), Cause::heartbeat);
  rig.run(300);
  EXPECT_TRUE(rig.gate.awake());  // As long as they are there.
  rig.person.reset();
  EXPECT_LE(rig.run_until([&] { return !rig.gate.awake(); }), 8);
}

TEST(Gate, AWaveringDetectorDoesNotKeepItAwake) {
  Rig rig;
  rig.person.emplace();
  rig.detector_score = 0.9f;  // A coat on a hook: nearly, never tracked.
  rig.detector_sees = false;
  rig.fall_asleep();
  for (int i = 0; i < 30; ++i) {
    rig.detector_sees = !rig.gate.awake();
    rig.run(4);
  }
  EXPECT_LE(rig.gate.counters().wakes_heartbeat, 4u);
}

TEST(Gate, LeavesDoNotKeepItAwake) {
  Rig rig;
  rig.weather = [&](Picture& p) { rig.scene.add_leaves(p, 5, 5, 40, 30, 25); };
  rig.run(60);
  int awake = 0;
  for (int i = 0; i < 600; ++i) {
    rig.run(1);
    awake += rig.gate.awake() ? 1 : 0;
  }
  EXPECT_LE(awake, 60);
  rig.person = Person{.x = 100};
  EXPECT_LE(rig.run_until([&] { return rig.gate.cause() == Cause::person; }), 2);
}

TEST(Gate, ATourOfTheCameraIsLookedAtAndNoMore) {
  Rig rig;
  const Picture other = Scene::other(1).background();
  int t = 0;
  rig.weather = [&](Picture& p) {
    if (++t / (6 * kFps) % 2 == 1) p = other;  // Turns every six seconds.
  };
  rig.run(60);
  int awake = 0;
  for (int i = 0; i < 300; ++i) {
    rig.run(1);
    awake += rig.gate.awake() ? 1 : 0;
  }
  EXPECT_LE(awake, 30);
  EXPECT_GE(rig.gate.counters().scene_changes, 40u);
}

TEST(Gate, RareKeyFramesAreMadeUpForAndTold) {
  Rig rig;
  rig.gop = 4 * kFps;
  rig.run(30);
  EXPECT_FALSE(rig.gate.awake());
  EXPECT_NE(rig.gate.long_gop().find("key frames come 4.0 s apart"), std::string::npos)
      << rig.gate.long_gop();
  const uint64_t compared = rig.gate.counters().compared;
  rig.run(20);
  EXPECT_NEAR(static_cast<double>(rig.gate.counters().compared - compared), 40, 2);
  rig.person.emplace();
  EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 0.6);
  // The camera is set right.
  rig.person.reset();
  rig.gop = kFps;
  rig.run(20);
  EXPECT_EQ(rig.gate.long_gop(), "");
  const int decoded = rig.decoded;
  rig.run(20);
  EXPECT_EQ(rig.decoded - decoded, 20);
}

TEST(Gate, NothingButPFrames) {
  Rig rig;
  rig.gop = 0;
  rig.run(30);
  EXPECT_FALSE(rig.gate.awake());
  EXPECT_NE(rig.gate.long_gop(), "");
  rig.person.emplace();
  EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 0.6);
}

TEST(Gate, KeyFramesThatStopComing) {
  Rig rig;
  rig.fall_asleep();
  rig.run(10);
  rig.gop = 0;
  rig.run(4);
  EXPECT_NE(rig.gate.long_gop(), "");
  EXPECT_GE(rig.replayed, 1);  // From the last one on.
  rig.person.emplace();
  EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 0.6);
  EXPECT_EQ(rig.gate.counters().wakes_motion, 1u);
}

TEST(Gate, OneKeyFrameLostIsNoLongGop) {
  Rig rig;
  rig.fall_asleep();
  rig.run(10);
  rig.gop = 2 * kFps;
  rig.run(2);
  rig.gop = kFps;
  rig.run(10);
  EXPECT_EQ(rig.gate.long_gop(), "");
}

TEST(Gate, OfManyKeyFramesOneASecondIsEnough) {
  Rig rig;
  rig.gop = 1;
  rig.fall_asleep();
  const int decoded = rig.decoded;
  rig.run(20);
  EXPECT_NEAR(rig.decoded - decoded, 22, 2);
  rig.person.emplace();
  EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 1.1);
}

TEST(Gate, TheClockJumps) {
  for (const auto by : {seconds(-3600), seconds(3600), seconds(-5), seconds(5)}) {
    Rig rig;
    rig.run(30);
    rig.jump = by;
    rig.run(20);
    EXPECT_FALSE(rig.gate.awake()) << by.count();
    EXPECT_EQ(rig.gate.counters().wakes_motion, 0u);
    rig.person.emplace();
    EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 1.1) << by.count();
  }
}

TEST(Gate, AnotherResolution) {
  Rig rig;
  rig.run(30);
  rig.width = Scene::kWidth - 20;  // The right edge is cut off: all cells shift.
  rig.run(2);
  EXPECT_EQ(rig.gate.counters().scene_changes, 1u);
  rig.run(20);
  EXPECT_FALSE(rig.gate.awake());
  rig.person.emplace();
  EXPECT_LE(rig.run_until([&] { return rig.gate.awake(); }), 1.1);
}

TEST(Gate, DamagedPicturesAreNotCompared) {
  Rig rig;
  rig.run(30);
  rig.damaged = true;
  rig.person.emplace();
  rig.run(1);
  EXPECT_FALSE(rig.gate.awake());
  EXPECT_EQ(rig.gate.counters().damaged, 1u);
  rig.run(5);  // Of a camera that sends nothing else they are.
  EXPECT_TRUE(rig.gate.awake());
}

TEST(Gate, WithoutAnswersItStaysAwakeForAWhileOnly) {
  Gate gate;
  gate.begin(MonoTime());
  int awake = 0;
  for (int i = 0; i < 600; ++i) {
    const auto time = i * milliseconds(100);
    (void)gate.on_unit(time, i % 10 == 0, MonoTime(time));
    awake += gate.awake() ? 1 : 0;
  }
  EXPECT_LE(awake, 250);
  EXPECT_FALSE(gate.awake());
}

media::AccessUnit unit(size_t bytes, bool key) {
  media::AccessUnit out;
  out.data = Bytes::copy(std::vector<uint8_t>(bytes));
  out.key = key;
  return out;
}

TEST(HeldUnits, FromTheLastMarkAndTheOneBefore) {
  HeldUnits held;
  held.push(unit(1, false), false);
  EXPECT_TRUE(held.running().empty());
  held.push(unit(2, true), true);
  held.push(unit(3, false), false);
  EXPECT_EQ(held.running().size(), 2u);
  EXPECT_EQ(held.with_previous().size(), 2u);
  held.push(unit(4, true), true);
  EXPECT_EQ(held.running().size(), 1u);
  EXPECT_EQ(held.with_previous().size(), 3u);
  held.push(unit(5, true), true);
  EXPECT_EQ(held.with_previous().size(), 2u);
  EXPECT_EQ(held.with_previous()[0].data.size(), 4u);
}

TEST(HeldUnits, TooMuchIsForgotten) {
  HeldUnits held;
  held.push(unit(1, true), true);
  held.push(unit(1, true), true);
  for (size_t i = 0; i < HeldUnits::kUnitsMax - 1; ++i) held.push(unit(1, false), false);
  EXPECT_EQ(held.with_previous().size(), HeldUnits::kUnitsMax);
  EXPECT_EQ(held.running().size(), HeldUnits::kUnitsMax);
  held.push(unit(1, false), false);
  EXPECT_TRUE(held.with_previous().empty());
  held.push(unit(1, false), false);
  EXPECT_TRUE(held.with_previous().empty());
  held.push(unit(HeldUnits::kBytesMax, true), true);
  EXPECT_EQ(held.running().size(), 1u);
  held.push(unit(1, true), true);
  EXPECT_EQ(held.with_previous().size(), 1u);
}

}  // namespace
}  // namespace pasu::gate
