using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Network;

/// <summary>The number format of the computation during training; the weights are float32 in either.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The formats' own names, and the command line's words.")]
public enum NumberFormat
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>16 bits: float32's exponent and 8 bits of precision.</summary>
    BFloat16,

    /// <summary>The one of these that the processor is fastest at.</summary>
    Fastest,
}

/// <summary>The formats in libtorch's terms.</summary>
public static class NumberFormatExtensions
{
    /// <summary>libtorch's type.</summary>
    public static ScalarType ToScalarType(this NumberFormat format) =>
        format switch
        {
            NumberFormat.Float32 => ScalarType.Float32,
            NumberFormat.BFloat16 => ScalarType.BFloat16,
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "The fastest must be known here."),
        };
}
