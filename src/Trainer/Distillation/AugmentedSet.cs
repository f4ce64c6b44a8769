namespace MnistLstm.Trainer.Distillation;

/// <summary>One view of every training image.</summary>
/// <param name="Pixels">[N, 28, 28].</param>
/// <param name="Logits">[N, C], the teachers' mean.</param>
public sealed record AugmentedSet(byte[] Pixels, float[] Logits);
