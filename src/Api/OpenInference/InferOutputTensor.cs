using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Serialization;
using MnistLstm.Api.Batching;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>One output: a tensor, or texts as in Triton's classification extension.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Datatype">FP32; BYTES with <c>classification</c>.</param>
/// <param name="Shape">[N, 10], or [N, classes] with <c>classification</c>.</param>
/// <param name="Parameters">Number of bytes after the JSON, if the output is binary.</param>
/// <param name="Data">Row by row: numbers, or <c>value:digit</c> texts.</param>
internal sealed record InferOutputTensor(
    string Name, string Datatype, IReadOnlyList<int> Shape, InferParameters? Parameters, object? Data)
{
    /// <summary>Replaces the data: FP32 little-endian, or BYTES with a length before each.</summary>
    [JsonIgnore]
    public byte[]? Raw { get; private init; }

    /// <param name="requested">Its name is valid.</param>
    /// <param name="images">Computed.</param>
    /// <param name="isRaw">Whether to return raw bytes.</param>
    public static InferOutputTensor Of(InferRequestedOutput requested, InferenceRequest images, bool isRaw)
    {
        float[] values = new float[images.Count * ModelContract.Classes];
        for (int n = 0; n < images.Count; n++)
        {
            (requested.Name == ModelContract.Logits ? images.Logits(n) : images.Probabilities(n))
                .CopyTo(values.AsSpan(n * ModelContract.Classes));
        }

        int classes = Math.Min(requested.Parameters?.Classification ?? ModelContract.Classes, ModelContract.Classes);
        string[]? texts = requested.Parameters?.Classification is null ? null : FindClasses(values, classes);
        byte[]? raw = !isRaw ? null
            : texts is null ? MemoryMarshal.AsBytes<float>(values).ToArray()
            : [.. texts.SelectMany(text =>
                (byte[])[.. BitConverter.GetBytes(text.Length), .. Encoding.ASCII.GetBytes(text)])];
        return new InferOutputTensor(
            requested.Name!,
            texts is null ? InferenceProtocol.Fp32 : InferenceProtocol.Bytes,
            [images.Count, classes],
            isRaw ? new InferParameters(BinaryDataSize: raw!.Length) : null,
            isRaw ? null : (object?)texts ?? values)
        {
            Raw = raw,
        };
    }

    /// <summary>The most probable digits of each image, as <c>value:digit</c>.</summary>
    private static string[] FindClasses(float[] values, int classes) =>
        [.. values.Chunk(ModelContract.Classes).SelectMany(row => row.Index()
            .OrderByDescending(value => value.Item).Take(classes)
            .Select(value => $"{value.Item}:{value.Index}"))];
}
