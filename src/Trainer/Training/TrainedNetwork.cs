using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Training;

/// <summary>What a recipe hands over to be measured and written.</summary>
public sealed record TrainedNetwork(LstmClassifier Network, TrainingHistory History);
