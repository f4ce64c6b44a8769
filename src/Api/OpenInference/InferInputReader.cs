using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Checks the input of a request of either protocol, and reads its images. Methods return the problem as a sentence, or
/// null if there is none.
/// </summary>
internal sealed class InferInputReader(PictureReader pictures, ServiceOptions options)
{
    /// <summary>The name of the input in sentences.</summary>
    public const string Name = $"input '{ModelContract.Input}'";

    /// <summary>Bytes of one image as FP32.</summary>
    public const int ImageBytes = RowSequence.Length * sizeof(float);

    private static readonly string Shape = $"[N, {RowSequence.TimeSteps}, {RowSequence.Features}]";

    /// <summary>
    /// A quarter of a pixel's step: 255 times the float next to 1 / 255 is a little more than 1.
    /// </summary>
    private const float Tolerance = 1e-3f;

    public static string TooLong(string excerpt) =>
        $"A name or an id may have {Excerpt.MaxLength} characters, and '{excerpt}' has more.";

    /// <summary>Checks everything but the number of values.</summary>
    /// <param name="name">Name of the input.</param>
    /// <param name="datatype">FP32 or BYTES.</param>
    /// <param name="shape">[N, 28, 28] or [N].</param>
    /// <param name="isShared">Whether the values are in shared memory.</param>
    /// <param name="values">The protocol's field for values, and whether the request has it.</param>
    /// <param name="raw">The protocol's field for raw bytes, and their number; null if there are none.</param>
    public string? FindProblem(
        string name, string datatype, IReadOnlyList<long> shape, bool isShared, (string Name, bool Exist) values,
        (string Name, long? Bytes) raw)
    {
        bool isBytes = datatype == InferenceProtocol.Bytes;
        bool fits = isBytes ? shape.Count == 1
            : shape.Count == 3 && shape[1] == RowSequence.TimeSteps && shape[2] == RowSequence.Features;
        return name != ModelContract.Input
            ? $"There is no input '{Excerpt.Of(name)}'. The model has '{ModelContract.Input}'."
            : !isBytes && datatype != InferenceProtocol.Fp32
                ? $"The {Name} is {InferenceProtocol.Fp32} or {InferenceProtocol.Bytes}, not '{Excerpt.Of(datatype)}'."
            : !fits || shape[0] < 0
                ? $"The {Name} of datatype {datatype} has shape {(isBytes ? "[N]" : Shape)} "
                    + $"with N of at least 1, not {Text(shape)}."
            : shape[0] == 0 ? $"The {Name} of shape {Text(shape)} holds no image."
            : shape[0] > options.MaxInferImages
                ? $"The {Name} has {shape[0]} images, and one request may have {options.MaxInferImages}."
            : isShared ? "Shared memory is not supported here: send and receive the data in the request and its answer."
            : raw.Bytes < 0 ? $"'{raw.Name}' must be a number of bytes, not {raw.Bytes}."
            : values.Exist && raw.Bytes is not null
                ? $"The {Name} has both '{values.Name}' and '{raw.Name}': give one of them."
            : !values.Exist && raw.Bytes is null ? $"The {Name} has neither '{values.Name}' nor '{raw.Name}'."
            : raw.Bytes is not null && !isBytes && raw.Bytes != shape[0] * ImageBytes
                ? $"The {Name} of shape {Text(shape)} takes {shape[0] * ImageBytes} bytes, not a '{raw.Name}' of "
                + $"{raw.Bytes}."
            : null;
    }

    public static string? FindCountProblem(string datatype, IReadOnlyList<long> shape, int count)
    {
        long expected = datatype == InferenceProtocol.Bytes ? shape[0] : shape[0] * RowSequence.Length;
        return count == expected ? null : $"The {Name} of shape {Text(shape)} takes {expected} values, not {count}.";
    }

    public static string Text(IReadOnlyList<long> shape) =>
        $"[{string.Join(", ", shape.Take(9))}{(shape.Count > 9 ? ", …" : "")}]";

    /// <param name="inference">Receives the images.</param>
    /// <param name="datatype">Checked.</param>
    /// <param name="raw">Float32, little-endian, at any address; or elements, each with its length before it.</param>
    /// <param name="count">N.</param>
    public string? ReadRaw(InferContext inference, string datatype, ReadOnlyMemory<byte> raw, long count) =>
        datatype == InferenceProtocol.Bytes
            ? SplitElements(inference, raw, (int)count)
            : ReadRows(inference, raw.Span);

    /// <param name="inference">Receives the images.</param>
    /// <param name="values">[N, T = 28, I = 28] float32, little-endian, at any address.</param>
    public static string? ReadRows(InferContext inference, ReadOnlySpan<byte> values)
    {
        inference.Rows = InferenceRequest.Rent(values.Length / ImageBytes);
        values.CopyTo(MemoryMarshal.AsBytes(inference.Rows.AllRows));
        return CheckRows(inference.Rows);
    }

    /// <summary>Rejects values that are not intensities, and clips rounding errors to 0 and 1.</summary>
    public static string? CheckRows(InferenceRequest images)
    {
        for (int n = 0; n < images.Count; n++)
        {
            Span<float> rows = images.Rows(n);

            // Both are NaN if any value is NaN, and the comparisons are false.
            float min = TensorPrimitives.Min(rows);
            float max = TensorPrimitives.Max(rows);
            if (!(min >= -Tolerance && max <= 1 + Tolerance))
            {
                return DescribeValue(rows, n);
            }

            if (min < 0 || max > 1)
            {
                // A model with byte weights quantizes the batch by its range.
                TensorPrimitives.Max(rows, 0, rows);
                TensorPrimitives.Min(rows, 1, rows);
            }
        }

        return null;
    }

    /// <summary>Checks sizes and headers without decoding.</summary>
    public string? ReadPictures(InferContext inference, RequestPicture[] files)
    {
        long pixels = 0;
        for (int n = 0; n < files.Length; n++)
        {
            int bytes = files[n].File.Length;
            if (bytes == 0 || bytes > options.MaxUploadBytes)
            {
                return $"Element {n} of {Name} has {bytes} bytes: an image file has 1 to {options.MaxUploadBytes}.";
            }

            pixels += pictures.CountPixels(files[n].Header);
        }

        inference.Pictures = new RequestPictures(files) { StopsAtProblem = true };
        return pictures.FindPixelProblem(pixels);
    }

    private string? SplitElements(InferContext inference, ReadOnlyMemory<byte> raw, int count)
    {
        var files = new RequestPicture[count];
        for (int n = 0; n < count; n++)
        {
            if (raw.Length < sizeof(uint))
            {
                return $"The binary data of {Name} ends before element {n} of {count}.";
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(raw.Span);
            raw = raw[sizeof(uint)..];
            if (length > raw.Length)
            {
                return $"Element {n} of {Name} has {length} bytes by its length, and {raw.Length} are left.";
            }

            files[n] = new RequestPicture(raw[..(int)length]);
            raw = raw[(int)length..];
        }

        return raw.IsEmpty ? ReadPictures(inference, files) : $"{raw.Length} bytes follow the last element of {Name}.";
    }

    private static string DescribeValue(ReadOnlySpan<float> rows, int n)
    {
        int i = rows.IndexOfAnyExceptInRange(-Tolerance, 1 + Tolerance);
        (int row, int pixel) = (i / RowSequence.Features, i % RowSequence.Features);
        return $"Image {n} of {Name} has the value {rows[i]} in row {row} at pixel {pixel}. "
            + "Values are from 0, paper, to 1, ink: divide pixels of 0 to 255 by 255.";
    }
}
