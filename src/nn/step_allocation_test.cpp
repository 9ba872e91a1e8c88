// step_allocation_test.cpp: the streaming step asks for no memory. Its own program, because it counts every
// operator new.
#include <gtest/gtest.h>

#include "nn/test_help.h"
#include "support/counted_new.h"

namespace cellwright {
namespace {

TEST(Step, AllocatesNothingAfterItsFirstCall) {
  for (const int embedding : {0, 8}) {
    for (const char* cell : {"lstm", "gru", "lstm_layernorm", "slstm", "min_gru"}) {
      Model<float> model(test::stack(300, embedding, {{cell, 24}, {cell, 24}}), test::engine(2));
      model.initialise(1);
      ModelState<float> state = model.make_state(4);
      std::vector<float> logits(1200);
      const std::int32_t tokens[] = {0, 1, 2, 299};
      model.step(tokens, state, logits.data());
      const long allocations = test::allocations_during([&] {
        for (int t = 0; t < 20; ++t) model.step(tokens, state, logits.data());
      });
      EXPECT_EQ(allocations, 0) << cell << ", embedding " << embedding;
    }
  }
}

}  // namespace
}  // namespace cellwright
