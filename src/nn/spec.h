// spec.h: a model as plain data: what is saved, printed and compared. Start at ModelSpec.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/regularise.h"

namespace cellwright {

/// A recurrent layer: its cell as text, so that a model file needs no other file to be understood.
struct LayerSpec {
  std::string cell_text;
  std::string cell_file;  ///< for messages: "lstm.cell"
  int units = 0;
  std::map<std::string, int> sizes;                    ///< for the cell's `size z = latent`
  std::map<std::string, std::vector<double>> options;  ///< for the cell's `option heads = 2`
  /// Through time. `both`: two copies of the cell with parameters of their own ("layers.0.…" and
  /// "layers.0.reverse.…"), whose outputs are concatenated port by port; not for language models, which may
  /// not look ahead.
  enum class Direction { forward, reverse, both };
  Direction direction = Direction::forward;
  bool residual = false;  ///< the input's first port is added to the first output, whose size must be equal
  Regularisation regularisation;
};

/// A language model: token -> embedding (or one-hot) -> layers -> linear -> logits. Ports match by position
/// from layer to layer; a layer's optional inputs beyond what the layer below offers are absent. The head
/// reads the top layer's first output.
struct ModelSpec {
  int classes = 0;    ///< tokens of the vocabulary, in and out
  int embedding = 0;  ///< width of the embedding; 0: the token as a one-hot vector
  std::vector<LayerSpec> layers;
  bool skip = false;  ///< every layer above the first reads the stack's input too, and the head every layer's
                      ///< first output (Graves 2013)
  bool tied = false;  ///< the head's weight is the embedding's table (Press & Wolf 2017); embedding must
                      ///< equal the top layer's width
  /// Cutoffs of an adaptive softmax (Grave et al. 2017), rising, between 0 and classes; empty: one softmax over
  /// all. Classes below the first are the shortlist, the others clusters that share a projection each
  /// (output_layer.h); they should stand in the order of falling frequency.
  std::vector<int> adaptive_softmax;
  double embedding_dropout =
      0;  ///< chance that a token's whole row is dropped, drawn once an update (Gal & Ghahramani 2016)
  double label_smoothing = 0;  ///< ε: in training a target is 1-ε plus ε/classes for all
  double weight_noise =
      0;  ///< standard deviation of noise on all layers' parameters, drawn once an update (Graves 2011)
  double init_uniform =
      0;  ///< > 0: everything, biases too, starts from U(-a, a), whatever the cells' `init` says (Zaremba)
};

/// JSON text with fixed key order, and back. FormatError names the key at fault; sizes are bounded, so that a
/// hostile spec cannot ask for more memory than 16 Gi parameters.
std::string to_json(const ModelSpec& spec);
ModelSpec model_spec_from_json(const std::string& json);

}  // namespace cellwright
