using System.Globalization;
using System.Numerics.Tensors;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// The most probable digits of one image as text, after Triton's classification extension: <c>value:index</c>. There
/// is no label behind it, since the index is the digit.
/// </summary>
internal ref struct TopClasses
{
    /// <summary>Longest float32 in text, a colon and one digit, with room to spare.</summary>
    public const int MaxTextBytes = 32;

    private readonly Span<float> _left;

    /// <param name="values">[C = 10].</param>
    /// <param name="left">[C = 10], memory to work in.</param>
    public TopClasses(ReadOnlySpan<float> values, Span<float> left)
    {
        values.CopyTo(left);
        _left = left[..ModelContract.Classes];
    }

    /// <summary>Writes the next, from the most probable one down.</summary>
    /// <param name="text">At least <see cref="MaxTextBytes"/>.</param>
    /// <returns>Bytes that were written.</returns>
    public readonly int WriteNext(Span<byte> text)
    {
        int index = TensorPrimitives.IndexOfMax(_left);
        _left[index].TryFormat(text, out int length, provider: CultureInfo.InvariantCulture);
        _left[index] = float.NegativeInfinity;
        text[length++] = (byte)':';
        text[length++] = (byte)('0' + index);
        return length;
    }
}
