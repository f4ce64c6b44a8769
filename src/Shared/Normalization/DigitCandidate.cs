using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>One way to read a picture: a digit in MNIST's form.</summary>
/// <param name="Pixels">[28, 28], 0 = paper, 255 = ink.</param>
/// <param name="Box">The digit's place in the picture.</param>
public sealed record DigitCandidate(byte[] Pixels, Region Box)
{
    /// <summary>Whether the picture was in MNIST's form and was left as it is.</summary>
    public bool PassedThrough { get; init; }

    /// <summary>Whether it reads the whole picture, with the likelier background and polarity.</summary>
    public bool IsLikely { get; init; } = true;

    /// <summary>Whether its ink reaches the picture's edge but does not fill the picture.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>How it compares with other figures of the picture.</summary>
    public FigureKind Kind { get; init; }

    /// <summary>Contrast half-way between paper and ink, 0 to 255.</summary>
    public int Edge { get; init; }

    /// <summary>Whether the digit is the only figure in the picture.</summary>
    public bool IsAlone { get; init; } = true;

    /// <summary>Whether this has ink where the other has none nearby.</summary>
    internal bool HasInkBeside(DigitCandidate other)
    {
        const int Near = 2; // pixels of MNIST
        const int MinPixels = 3;

        // MNIST's form scales a larger digit down, so that the pixels of the two cannot be compared.
        if (Box.Encloses(other.Box)
            && !other.Box.Grow(Near * other.Box.LongSide / MnistFormat.BoxSide).Encloses(Box))
        {
            return true;
        }

        using var near = new GrayImage(MnistFormat.Side, MnistFormat.Side);
        other.Pixels.CopyTo(near.Pixels);
        Morphology.Filter(near, Near, isMaximum: true);
        int count = 0;
        for (int i = 0; i < Pixels.Length; i++)
        {
            count += Pixels[i] > byte.MaxValue / 2 && near.Pixels[i] <= byte.MaxValue / 2 ? 1 : 0;
        }

        return count >= MinPixels;
    }
}
