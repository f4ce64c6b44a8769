using System.Buffers.Binary;
using System.Globalization;
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

/// <summary>Checks the input of a request and turns it into images, whichever protocol it came by.</summary>
internal sealed class InferInputReader(PictureReader pictures, ServiceOptions options)
{
    /// <summary>Bytes of one image as FP32.</summary>
    public const int ImageBytes = RowSequence.Length * sizeof(float);

    /// <summary>
    /// Values may leave 0 to 1 by a quarter of a pixel's step: 255 times the float next to 1 / 255 is a little over 1.
    /// </summary>
    private const float Tolerance = 1e-3f;

    public const string NoSharedMemory = "Shared memory is not supported here: send and receive the data in the request and its answer.";

    private const string Name = InferInput.Name;

    /// <summary>The problem with a number of inputs.</summary>
    public static string? FindProblem(int inputs) => inputs switch
    {
        0 => $"The request has no input '{ModelContract.Input}'.",
        1 => null,
        _ => $"The request has several inputs, and the model has one, '{ModelContract.Input}'.",
    };

    /// <returns>A sentence that names the problem, or null if the input fits the model.</returns>
    public string? FindProblem(string name, string datatype, IReadOnlyList<long> shape)
    {
        if (name != ModelContract.Input)
        {
            return $"There is no input '{Excerpt.Of(name)}'. The model has '{ModelContract.Input}'.";
        }

        if (datatype is not (InferenceProtocol.Fp32 or InferenceProtocol.Bytes))
        {
            return $"The {Name} is {InferenceProtocol.Fp32} or {InferenceProtocol.Bytes}, not '{Excerpt.Of(datatype)}'.";
        }

        bool isBytes = datatype == InferenceProtocol.Bytes;
        bool fits = isBytes ? shape.Count == 1
            : shape.Count == 3 && shape[1] == RowSequence.TimeSteps && shape[2] == RowSequence.Features;
        if (!fits || shape[0] < 0)
        {
            string expected = isBytes ? "[N]" : $"[N, {RowSequence.TimeSteps}, {RowSequence.Features}]";
            return $"The {Name} of datatype {datatype} has shape {expected} with N of at least 1, not {Text(shape)}.";
        }

        return shape[0] == 0 ? $"The {Name} of shape {Text(shape)} holds no image."
            : shape[0] > options.MaxInferImages
                ? $"The {Name} has {shape[0]} images, and one request may have {options.MaxInferImages}."
            : null;
    }

    /// <summary>The problem with a number of values or elements.</summary>
    public static string? FindCountProblem(string datatype, IReadOnlyList<long> shape, int count)
    {
        long expected = datatype == InferenceProtocol.Bytes ? shape[0] : shape[0] * RowSequence.Length;
        return count == expected ? null : $"The {Name} of shape {Text(shape)} takes {expected} values, not {count}.";
    }

    /// <summary>The problem with a number of raw bytes; that of BYTES depends on the elements.</summary>
    public static string? FindSizeProblem(string datatype, IReadOnlyList<long> shape, long bytes, string what)
    {
        long expected = shape[0] * ImageBytes;
        return datatype == InferenceProtocol.Bytes || bytes == expected
            ? null
            : $"The {Name} of shape {Text(shape)} takes {expected} bytes, not {what} {bytes}.";
    }

    public static string Text(IReadOnlyList<long> shape) =>
        $"[{string.Join(", ", shape.Take(9).Select(length => length.ToString(CultureInfo.InvariantCulture)))}"
        + $"{(shape.Count > 9 ? ", …" : "")}]";

    /// <param name="datatype">Checked.</param>
    /// <param name="raw">Float32, little-endian, at any address; or elements, each with its length before it.</param>
    /// <param name="count">N.</param>
    public InferInput ReadRaw(string datatype, ReadOnlyMemory<byte> raw, int count) =>
        datatype == InferenceProtocol.Bytes ? SplitElements(raw, count) : ReadRows(raw.Span, count);

    /// <param name="values">[N, T = 28, I = 28] float32, little-endian, at any address.</param>
    /// <param name="count">N.</param>
    public static InferInput ReadRows(ReadOnlySpan<byte> values, int count)
    {
        var images = InferenceRequest.Rent(count);
        for (int n = 0; n < count; n++)
        {
            Span<float> rows = images.Rows(n);
            values.Slice(n * ImageBytes, ImageBytes).CopyTo(MemoryMarshal.AsBytes(rows));

            // A NaN comes out of both and is not a number that compares.
            float min = TensorPrimitives.Min(rows);
            float max = TensorPrimitives.Max(rows);
            if (!(min >= -Tolerance && max <= 1 + Tolerance))
            {
                string problem = DescribeValue(rows, n);
                images.Dispose();
                return InferInput.Refuse(problem);
            }

            if (min < 0 || max > 1)
            {
                // A model with byte weights takes its range from the whole batch.
                TensorPrimitives.Max(rows, 0, rows);
                TensorPrimitives.Min(rows, 1, rows);
            }
        }

        return new InferInput { Rows = images };
    }

    /// <summary>Checks sizes and headers; nothing is decoded yet.</summary>
    public InferInput ReadPictures(RequestPicture[] files)
    {
        long pixels = 0;
        for (int n = 0; n < files.Length; n++)
        {
            int bytes = files[n].File.Length;
            if (bytes == 0 || bytes > options.MaxUploadBytes)
            {
                return InferInput.Refuse(
                    $"Element {n} of {Name} has {bytes} bytes: an image file has 1 to {options.MaxUploadBytes}.");
            }

            pixels += pictures.CountPixels(files[n].Header);
        }

        return pictures.FindPixelProblem(pixels) is { } tooMany
            ? InferInput.Refuse(tooMany)
            : new InferInput { Pictures = new RequestPictures(files) { StopsAtProblem = true } };
    }

    private InferInput SplitElements(ReadOnlyMemory<byte> raw, int count)
    {
        var files = new RequestPicture[count];
        for (int n = 0; n < count; n++)
        {
            if (raw.Length < sizeof(uint))
            {
                return InferInput.Refuse($"The binary data of {Name} ends before element {n} of {count}.");
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(raw.Span);
            raw = raw[sizeof(uint)..];
            if (length > raw.Length)
            {
                return InferInput.Refuse(
                    $"Element {n} of {Name} has {length} bytes by its length, and {raw.Length} are left.");
            }

            files[n] = new RequestPicture(raw[..(int)length]);
            raw = raw[(int)length..];
        }

        return raw.IsEmpty
            ? ReadPictures(files)
            : InferInput.Refuse($"{raw.Length} bytes follow the last element of {Name}.");
    }

    private static string DescribeValue(ReadOnlySpan<float> rows, int n)
    {
        int i = 0;
        while (rows[i] >= -Tolerance && rows[i] <= 1 + Tolerance)
        {
            i++;
        }

        (int row, int pixel) = (i / RowSequence.Features, i % RowSequence.Features);
        return $"Image {n} of {Name} has the value {rows[i]} in row {row} at pixel {pixel}. "
            + "Values are from 0, paper, to 1, ink: divide pixels of 0 to 255 by 255.";
    }
}
