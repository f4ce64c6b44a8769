namespace MnistLstm.Trainer.Evaluation;

/// <summary>Predictions of about the same confidence.</summary>
/// <param name="Correct">Those of them that are right.</param>
/// <param name="ConfidenceSum">Sum of their highest probabilities.</param>
public readonly record struct CalibrationBin(int Count, int Correct, double ConfidenceSum);
