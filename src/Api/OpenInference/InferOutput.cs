using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MnistLstm.Api.Batching;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>A requested output.</summary>
/// <param name="Name">Either <see cref="ModelContract.Probabilities"/> or <see cref="ModelContract.Logits"/>.</param>
/// <param name="Binary">Whether to return raw bytes; null leaves it to the request.</param>
/// <param name="Classes">How many of the most probable digits to return as text; null returns the tensor.</param>
internal readonly record struct RequestedOutput(string Name, bool? Binary = null, int? Classes = null);

/// <summary>A computed output: numbers, or <c>value:digit</c> texts as in Triton's classification extension.</summary>
internal sealed class InferOutput
{
    public InferOutput(RequestedOutput requested, InferenceRequest images)
    {
        Requested = requested;
        int classes = Math.Min(requested.Classes ?? ModelContract.Classes, ModelContract.Classes);
        Shape = [images.Count, classes];
        Raw = new byte[images.Count * ModelContract.Classes * sizeof(float)];
        Span<float> values = MemoryMarshal.Cast<byte, float>(Raw.AsSpan());
        for (int n = 0; n < images.Count; n++)
        {
            (requested.Name == ModelContract.Logits ? images.Logits(n) : images.Probabilities(n))
                .CopyTo(values[(n * ModelContract.Classes)..]);
        }

        if (requested.Classes is not null)
        {
            Texts = [.. Values.Chunk(ModelContract.Classes).SelectMany(row => row.Index()
                .OrderByDescending(value => value.Item).Take(classes)
                .Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Item}:{value.Index}")))];
            Raw = [.. Texts.SelectMany(text =>
                (byte[])[.. BitConverter.GetBytes(text.Length), .. Encoding.ASCII.GetBytes(text)])];
        }
    }

    public RequestedOutput Requested { get; }

    public string Datatype => Texts is null ? InferenceProtocol.Fp32 : InferenceProtocol.Bytes;

    /// <summary>[N, C].</summary>
    public int[] Shape { get; }

    /// <summary>FP32 little-endian; BYTES each with its length before it, 4 bytes little-endian.</summary>
    public byte[] Raw { get; }

    /// <summary>[N, 10], row-major, where the output is FP32.</summary>
    public float[] Values => MemoryMarshal.Cast<byte, float>(Raw).ToArray();

    /// <summary>[N, C], row-major, where the output is BYTES; null otherwise.</summary>
    public string[]? Texts { get; }
}
