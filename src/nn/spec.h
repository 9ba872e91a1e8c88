// spec.h: a model as plain data: what is saved, printed and compared. Start at ModelSpec.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace cellwright {

/// A recurrent layer: its cell as text, so that a model file needs no other file to be understood.
struct LayerSpec {
  std::string cell_text;
  std::string cell_file;  ///< for messages: "lstm.cell"
  int units = 0;
  std::map<std::string, int> sizes;                    ///< for the cell's `size z = latent`
  std::map<std::string, std::vector<double>> options;  ///< for the cell's `option heads = 2`
};

/// A language model: token -> embedding (or one-hot) -> layers -> linear -> logits. Ports match by position
/// from layer to layer; a layer's optional inputs beyond what the layer below offers are absent. The head
/// reads the top layer's first output.
struct ModelSpec {
  int classes = 0;    ///< tokens of the vocabulary, in and out
  int embedding = 0;  ///< width of the embedding; 0: the token as a one-hot vector
  std::vector<LayerSpec> layers;
  double init_uniform =
      0;  ///< > 0: everything, biases too, starts from U(-a, a), whatever the cells' `init` says (Zaremba)
};

/// JSON text with fixed key order, and back. FormatError names the key at fault; sizes are bounded, so that a
/// hostile spec cannot ask for more memory than 16 Gi parameters.
std::string to_json(const ModelSpec& spec);
ModelSpec model_spec_from_json(const std::string& json);

}  // namespace cellwright
