// What Motion takes for movement, scene by scene: a picture a second.
#include "gate/motion.h"

#include <gtest/gtest.h>

#include "gate/test_scene.h"

namespace pasu::gate {
namespace {

using Kind = Movement::Kind;

/// A camera that sends a picture a second.
class Eye {
 public:
  const Movement& see(const Picture& picture, bool occupied = false) {
    return motion.compare(Scene::luma(picture), media::Pts(std::chrono::seconds(++second)),
                          occupied);
  }
  /// As a gate with a detector that sees nobody.
  bool wakes_for_nobody(const Picture& picture) {
    const bool moved = see(picture).kind == Kind::moved;
    if (moved) motion.judge(false);
    return moved;
  }
  Motion motion;
  int second = 0;
};

/// Makes a picture; `t` counts from 0.
using Weather = std::function<Picture(Scene&, int t)>;

/// How often an empty scene wakes in so many seconds.
int wakes(Scene& scene, Eye& eye, int seconds, const Weather& weather) {
  int count = 0;
  for (int t = 0; t < seconds; ++t) count += eye.wakes_for_nobody(weather(scene, t)) ? 1 : 0;
  return count;
}

/// Of the steps of somebody who walks through, how many are noticed.
int steps_noticed(Scene& scene, Eye& eye, const Weather& weather, float width, float height,
                  float contrast, int steps = 10) {
  int noticed = 0;
  for (int t = 0; t < steps; ++t) {
    Picture p = weather(scene, t);
    Scene::add_person(p, 20.3f + 6.7f * static_cast<float>(t), 40.4f, width, height, contrast);
    const bool moved = eye.see(p, true).kind == Kind::moved;
    noticed += moved ? 1 : 0;
    if (moved) eye.motion.judge(true);
  }
  return noticed;
}

Weather noisy(float sigma) {
  return [sigma](Scene& scene, int) {
    Picture p = scene.background();
    scene.add_noise(p, sigma);
    return p;
  };
}

// 12 pixels of 192 are 5.6 cells; a person is about 0.4 as wide as high, 2.5 cells here.
constexpr float kSmallWidth = 2.5f, kSmallHeight = 5.6f;

struct NoiseCase {
  const char* name;
  float sigma;     // Of cells: at the source times the root of a cell's pixels (4 at 360p).
  float contrast;  // Of the person.
};
const NoiseCase kNoises[] = {{"still", 0, 12},
                             {"source 2, 360p", 0.5f, 12},
                             {"source 5, 360p", 1.25f, 18},
                             {"night", 3, 35}};

TEST(Motion, NoiseIsStillAndASmallPersonIsNot) {
  for (const NoiseCase& c : kNoises) {
    SCOPED_TRACE(c.name);
    Scene scene(1);
    Eye eye;
    (void)eye.see(scene.background());
    (void)wakes(scene, eye, 30, noisy(c.sigma));
    EXPECT_LE(wakes(scene, eye, 300, noisy(c.sigma)), 1);
    EXPECT_EQ(steps_noticed(scene, eye, noisy(c.sigma), kSmallWidth, kSmallHeight, c.contrast), 10);
  }
}

TEST(Motion, SaysWhere) {
  Scene scene(2);
  Eye eye;
  (void)eye.see(scene.background());
  Picture p = scene.background();
  Scene::add_person(p, 80, 45, 8, 20, 40);
  const Movement& m = eye.see(p);
  ASSERT_EQ(m.kind, Kind::moved);
  ASSERT_EQ(m.count, 1u);
  EXPECT_FLOAT_EQ(m.boxes[0].x, 0.5f);
  EXPECT_FLOAT_EQ(m.boxes[0].y, 0.5f);
  EXPECT_FLOAT_EQ(m.boxes[0].w, 0.05f);
  EXPECT_FLOAT_EQ(m.boxes[0].h, 20 / 90.f);
  EXPECT_GT(m.score, 160);
}

TEST(Motion, LightOfTheWholeIsMadeUpFor) {
  Scene scene(3);
  Eye eye;
  const Weather flicker = [](Scene& s, int t) {
    Picture p = s.background();
    Scene::light(p, t % 3 == 0 ? 0.85f : 1.1f, t % 2 == 0 ? 5.f : -8.f);
    s.add_noise(p, 0.5f);
    return p;
  };
  (void)eye.see(scene.background());
  EXPECT_LE(wakes(scene, eye, 60, flicker), 2);
  EXPECT_TRUE(eye.see(flicker(scene, 3)).light);
  EXPECT_GE(steps_noticed(scene, eye, flicker, 4, 10, 30), 9);
}

TEST(Motion, OneJumpOfExposureIsNoMovement) {
  Scene scene(4);
  Eye eye;
  (void)wakes(scene, eye, 30, noisy(0.5f));
  Picture p = scene.background();
  Scene::light(p, 1.3f, 10);  // The brightest cells become white.
  scene.add_noise(p, 0.5f);
  const Movement& m = eye.see(p);
  EXPECT_EQ(m.kind, Kind::still);
  EXPECT_TRUE(m.light);
}

TEST(Motion, ALampThatFlickersInAPlaceIsLearnt) {
  Scene scene(5);
  Eye eye;
  const Weather lamp = [](Scene& s, int t) {
    Picture p = s.background();
    if (t * 7 % 13 > 6)
      for (int y = 10; y < 35; ++y)
        for (int x = 100; x < 140; ++x) Scene::at(p, x, y) += 35;
    s.add_noise(p, 0.5f);
    return p;
  };
  (void)eye.see(scene.background());
  EXPECT_LE(wakes(scene, eye, 60, lamp), 8);
  EXPECT_EQ(wakes(scene, eye, 300, lamp), 0);
  // Elsewhere it sees as well as before.
  EXPECT_EQ(steps_noticed(scene, eye, lamp, kSmallWidth, kSmallHeight, 15), 10);
}

TEST(Motion, RainAndLeavesAreLearnt) {
  const Weather rain = [](Scene& s, int) {
    Picture p = s.background();
    s.add_noise(p, 0.7f);
    s.add_rain(p, 250, 18);
    return p;
  };
  const Weather leaves = [](Scene& s, int) {
    Picture p = s.background();
    s.add_noise(p, 0.5f);
    s.add_leaves(p, 5, 5, 40, 30, 25);
    return p;
  };
  for (const Weather& weather : {rain, leaves}) {
    Scene scene(6);
    Eye eye;
    (void)eye.see(scene.background());
    EXPECT_LE(wakes(scene, eye, 60, weather), 25);
    EXPECT_LE(wakes(scene, eye, 600, weather), 10);  // One a minute.
    EXPECT_GE(steps_noticed(scene, eye, weather, 5, 13, 45), 9);
  }
}

TEST(Motion, WhatWasTaughtFades) {
  Scene scene(7);
  Eye eye;
  (void)wakes(scene, eye, 30, noisy(0.5f));
  const float calm = eye.motion.mean_threshold();
  for (int i = 0; i < 6; ++i) {
    Picture p = scene.background();
    Scene::add_person(p, i % 2 == 0 ? 60 : 70, 40, 10, 20, 50);
    (void)eye.wakes_for_nobody(p);
  }
  const float taught = eye.motion.mean_threshold();
  EXPECT_GT(taught, calm + 0.1f);
  (void)wakes(scene, eye, 300, noisy(0.5f));
  EXPECT_LT(eye.motion.mean_threshold(), calm + (taught - calm) / 6);
}

TEST(Motion, SomebodyTeachesNothing) {
  Scene scene(8);
  Eye eye;
  (void)wakes(scene, eye, 30, noisy(0.5f));
  const float calm = eye.motion.mean_threshold();
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(steps_noticed(scene, eye, noisy(0.5f), kSmallWidth, kSmallHeight, 20), 10);
  EXPECT_NEAR(eye.motion.mean_threshold(), calm, 0.1f);
}

TEST(Motion, ACameraThatTremblesIsStill) {
  Scene scene(9);
  Eye eye;
  const Weather tremble = [](Scene& s, int t) {
    constexpr float kX[] = {0, 1.3f, -0.7f, 0.4f, -1.6f}, kY[] = {0, -0.6f, 1.2f, 0, 0.9f};
    Picture p = Scene::shifted(s.background(), kX[t % 5], kY[t % 5]);
    s.add_noise(p, 0.5f);
    return p;
  };
  (void)wakes(scene, eye, 30, noisy(0.5f));
  EXPECT_LE(wakes(scene, eye, 100, tremble), 6);
  EXPECT_TRUE(eye.see(tremble(scene, 1)).shaken);
  EXPECT_GE(steps_noticed(scene, eye, tremble, 6, 15, 60), 8);
}

TEST(Motion, AnotherPictureIsAnotherScene) {
  Scene scene(10), elsewhere = Scene::other(10);
  Eye eye;
  (void)wakes(scene, eye, 30, noisy(0.5f));
  // The camera turns.
  EXPECT_EQ(eye.see(elsewhere.background()).kind, Kind::scene_changed);
  EXPECT_EQ(wakes(elsewhere, eye, 60, noisy(0.5f)), 0);
  // The infrared filter: what was bright is dark, leaves shine.
  Picture night = elsewhere.background();
  for (size_t i = 0; i < night.size(); ++i)
    night[i] = 60 + 0.4f * (i / 160 % 3 == 0 ? 255 - night[i] : night[i] * night[i] / 200);
  EXPECT_EQ(eye.see(night).kind, Kind::scene_changed);
  EXPECT_EQ(eye.see(night).kind, Kind::still);
}

TEST(Motion, ACodecsPumpingIsLearnt) {
  Scene scene(11);
  Eye eye;
  // Blocks of four cells change their level by a few steps at each key frame.
  const Weather pumping = [](Scene& s, int) {
    Picture p = s.background();
    for (int y = 0; y < 88; y += 4)
      for (int x = 0; x < 160; x += 4) {
        const auto by = static_cast<float>(s.roll(9) - 4);
        for (int k = 0; k < 16; ++k) Scene::at(p, x + k % 4, y + k / 4) += by;
      }
    return p;
  };
  (void)eye.see(scene.background());
  EXPECT_LE(wakes(scene, eye, 30, pumping), 25);
  EXPECT_LE(wakes(scene, eye, 600, pumping), 3);
  EXPECT_GE(steps_noticed(scene, eye, pumping, kSmallWidth, kSmallHeight, 30), 9);
}

TEST(Motion, FirstAndAfterARestartThereIsNothingToCompareWith) {
  Scene scene(12);
  Eye eye;
  EXPECT_EQ(eye.see(scene.background()).kind, Kind::first);
  EXPECT_EQ(eye.see(scene.background()).kind, Kind::still);
  eye.motion.restart();
  EXPECT_EQ(eye.see(Scene::other(12).background()).kind, Kind::first);
}

}  // namespace
}  // namespace pasu::gate
