namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Some images of a step, digits first.</summary>
/// <param name="Rows">[B * T * I] intensities.</param>
/// <param name="Labels">[digits].</param>
/// <param name="LabelWeights">[digits], of the labels' cross-entropy.</param>
public sealed record OodBatch(float[] Rows, long[] Labels, float[] LabelWeights);
