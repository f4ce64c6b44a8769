using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Brings the data of a request to the rows that the network reads.</summary>
internal sealed class InferRows(PictureReader pictures, ServiceOptions options)
{
    /// <summary>Bytes of one image as FP32.</summary>
    private const int ImageBytes = RowSequence.Length * sizeof(float);

    /// <summary>Beyond 0 and 1, for what rounding adds: 255 times the float next to 1 / 255 is a little over 1. A quarter of a pixel's step.</summary>
    private const float Tolerance = 1e-3f;

    private const string Name = $"input '{ModelContract.Input}'";

    /// <summary>Fills the rows of all images.</summary>
    /// <param name="input">Checked.</param>
    /// <param name="json">The JSON of the request; base64 in it is decoded in place.</param>
    /// <param name="binary">What follows it.</param>
    /// <param name="inference">As many images as the input has.</param>
    /// <param name="times">Decode and normalise are added to.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? Fill(
        InputTensor input,
        Span<byte> json,
        ReadOnlySpan<byte> binary,
        InferenceRequest inference,
        ref StepTimes times,
        CancellationToken stop)
    {
        return (input.Data, input.IsBytes) switch
        {
            ({ } data, true) => DecodeBase64(data.Elements, json, inference, ref times, stop),
            ({ } data, false) => Copy(MemoryMarshal.AsBytes(data.Values), inference),
            (null, true) => DecodeElements(binary, inference, ref times, stop),
            (null, false) => Copy(binary, inference),
        };
    }

    /// <summary>Fills the rows of one image from a body without JSON: an image file, or [28, 28] FP32.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="header">Read from it, as of an image file.</param>
    /// <param name="inference">Receives the one image.</param>
    /// <param name="times">Decode and normalise are added to.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? FillRaw(
        ReadOnlySpan<byte> body,
        in ImageHeader header,
        InferenceRequest inference,
        ref StepTimes times,
        CancellationToken stop)
    {
        long pixels = 0;
        if (header.Format != ImageFormat.Unknown)
        {
            return Decode(body, header, n: 0, inference, ref times, ref pixels, stop);
        }

        return body.Length == ImageBytes
            ? Copy(body, inference)
            : $"A body without JSON is one image: {ImageBytes} bytes of {InferenceProtocol.Fp32}, or an image file; not {body.Length} bytes of something else.";
    }

    /// <param name="values">[N, T = 28, I = 28] float32, little-endian, at any address.</param>
    private static string? Copy(ReadOnlySpan<byte> values, InferenceRequest inference)
    {
        string? problem = null;
        for (int n = 0; n < inference.Count && problem is null; n++)
        {
            Span<float> rows = inference.Rows(n);
            values.Slice(n * ImageBytes, ImageBytes).CopyTo(MemoryMarshal.AsBytes(rows));
            problem = FindValueProblem(rows, n);
        }

        return problem;
    }

    private static string? FindValueProblem(ReadOnlySpan<float> rows, int n)
    {
        // A NaN comes out of both and is no number that compares.
        if (TensorPrimitives.Min(rows) >= -Tolerance && TensorPrimitives.Max(rows) <= 1 + Tolerance)
        {
            return null;
        }

        int i = 0;
        while (rows[i] >= -Tolerance && rows[i] <= 1 + Tolerance)
        {
            i++;
        }

        return $"Image {n} of {Name} has the value {rows[i]} in row {i / RowSequence.Features} at pixel {i % RowSequence.Features}. "
            + "Values are from 0, paper, to 1, ink: pixels of 0 to 255 are to be divided by 255.";
    }

    private string? DecodeBase64(
        List<JsonString> elements,
        Span<byte> json,
        InferenceRequest inference,
        ref StepTimes times,
        CancellationToken stop)
    {
        long pixels = 0;
        string? problem = null;
        for (int n = 0; n < elements.Count && problem is null; n++)
        {
            problem = elements[n].DecodeBase64(json) is { } file
                ? Decode(json[file], ImageHeader.Read(json[file]), n, inference, ref times, ref pixels, stop)
                : $"Element {n} of {Name} is not base64.";
        }

        return problem;
    }

    /// <param name="binary">N elements, each its length in four bytes, little-endian, and its bytes.</param>
    /// <param name="inference">N images.</param>
    /// <param name="times">Decode and normalise are added to.</param>
    /// <param name="stop">Ends the work.</param>
    private string? DecodeElements(
        ReadOnlySpan<byte> binary, InferenceRequest inference, ref StepTimes times, CancellationToken stop)
    {
        long pixels = 0;
        for (int n = 0; n < inference.Count; n++)
        {
            if (binary.Length < sizeof(uint))
            {
                return $"The binary data of {Name} ends before element {n} of {inference.Count}.";
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(binary);
            binary = binary[sizeof(uint)..];
            if (length > binary.Length)
            {
                return $"Element {n} of {Name} has {length} bytes by its length, and {binary.Length} are left.";
            }

            ReadOnlySpan<byte> file = binary[..(int)length];
            if (Decode(file, ImageHeader.Read(file), n, inference, ref times, ref pixels, stop) is { } problem)
            {
                return problem;
            }

            binary = binary[(int)length..];
        }

        return binary.IsEmpty ? null : $"{binary.Length} bytes follow the last element of {Name}.";
    }

    private string? Decode(
        ReadOnlySpan<byte> file,
        in ImageHeader header,
        int n,
        InferenceRequest inference,
        ref StepTimes times,
        ref long pixels,
        CancellationToken stop)
    {
        if (file.IsEmpty || file.Length > options.MaxUploadBytes)
        {
            return $"Element {n} of {Name} has {file.Length} bytes: an image file has 1 to {options.MaxUploadBytes}.";
        }

        pixels += pictures.CountPixels(header);
        if (pictures.FindPixelProblem(pixels) is { } tooMany)
        {
            return tooMany;
        }

        Span<byte> digit = stackalloc byte[RowSequence.Length];
        return pictures.Read(file, header, digit, inference, n, ref times, stop) is { } problem
            ? $"Element {n} of {Name}: {problem.Detail}"
            : null;
    }
}
