namespace MnistLstm.Trainer.Distillation;

/// <summary>One convolution, batch normalization and rectifier.</summary>
/// <param name="Kernel">Side of the square kernel, pixels.</param>
/// <param name="Stride">Pixels.</param>
/// <param name="Padding">Pixels of zeros on each side.</param>
public sealed record ConvLayer(int Channels, int Kernel, int Stride, int Padding);
