using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>An output that a request asks for.</summary>
/// <param name="Name">Either <see cref="ModelContract.Probabilities"/> or <see cref="ModelContract.Logits"/>.</param>
/// <param name="Binary">Whether to return raw bytes; null leaves it to the request.</param>
/// <param name="Classes">How many of the most probable digits to return as text; null returns the tensor.</param>
internal readonly record struct RequestedOutput(string Name, bool? Binary = null, int? Classes = null)
{
    /// <summary>What a request asks for that names no output.</summary>
    public static IReadOnlyList<RequestedOutput> All { get; } = [new(ModelContract.Probabilities), new(ModelContract.Logits)];

    /// <returns>A sentence that names the problem with it; null if there is none.</returns>
    public string? FindProblem(IReadOnlyList<RequestedOutput> others)
    {
        string name = Name;
        return Name is not (ModelContract.Probabilities or ModelContract.Logits)
                ? $"There is no output '{Excerpt.Of(Name)}'. The model has '{ModelContract.Probabilities}' and "
                    + $"'{ModelContract.Logits}'."
            : others.Any(other => other.Name == name) ? $"The request asks for the output '{Name}' twice."
            : Classes < 1 ? "'classification' must be a number of classes, 1 or more."
            : null;
    }
}

/// <summary>A computed output: numbers, or <c>value:digit</c> texts as in Triton's classification extension.</summary>
internal sealed class InferOutput
{
    public InferOutput(RequestedOutput requested, InferenceRequest images)
    {
        Requested = requested;
        int classes = Math.Min(requested.Classes ?? ModelContract.Classes, ModelContract.Classes);
        Shape = [images.Count, classes];
        Values = new float[images.Count * ModelContract.Classes];
        for (int n = 0; n < images.Count; n++)
        {
            (requested.Name == ModelContract.Logits ? images.Logits(n) : images.Probabilities(n))
                .CopyTo(Values.AsSpan(n * ModelContract.Classes));
        }

        Texts = requested.Classes is null
            ? null
            : [.. Values.Chunk(ModelContract.Classes).SelectMany(values => values.Index()
                .OrderByDescending(value => value.Item).Take(classes)
                .Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Item}:{value.Index}")))];
    }

    public RequestedOutput Requested { get; }

    /// <summary>[N, C].</summary>
    public int[] Shape { get; }

    /// <summary>[N, 10], row-major.</summary>
    public float[] Values { get; }

    /// <summary>[N, C], row-major; null where the output is <see cref="Values"/>.</summary>
    public string[]? Texts { get; }

    public string Datatype => Texts is null ? InferenceProtocol.Fp32 : InferenceProtocol.Bytes;

    /// <summary>Bytes of it where it is raw: each text has its length before it.</summary>
    public int RawBytes => Texts?.Sum(text => sizeof(int) + text.Length) ?? (sizeof(float) * Values.Length);

    public byte[] ToRaw()
    {
        var writer = new ArrayBufferWriter<byte>(RawBytes);
        WriteRaw(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Writes it raw: FP32 little-endian; BYTES each with its length before it, 4 bytes little-endian.</summary>
    public void WriteRaw(IBufferWriter<byte> writer)
    {
        if (Texts is null)
        {
            writer.Write(MemoryMarshal.AsBytes<float>(Values));
        }

        foreach (string text in Texts ?? [])
        {
            BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), text.Length);
            writer.Advance(sizeof(int));
            Encoding.ASCII.GetBytes(text, writer);
        }
    }
}
