using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Training;

/// <summary>The result of a recipe, ready to be measured and written.</summary>
public sealed record TrainedNetwork(LstmClassifier Network, TrainingHistory History);
