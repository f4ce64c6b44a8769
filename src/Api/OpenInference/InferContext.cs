using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// An inference request of either protocol, and its images. Methods that read return the problem as a sentence, or null
/// if there is none.
/// </summary>
internal sealed class InferContext(PictureReader reader, ServiceOptions options) : IDisposable
{
    /// <summary>The name of the input in sentences.</summary>
    public const string Name = $"input '{ModelContract.Input}'";

    /// <summary>A quarter of a pixel's step: 255 times the float next to 1 / 255 is a little more than 1.</summary>
    private const float Tolerance = 1e-3f;

    private const string SharedMemory = "Shared memory is not supported: send and receive data in messages.";

    private InferRequest _request = new([]);

    /// <summary>The images, if the input is FP32.</summary>
    public InferenceRequest? Rows { get; set; }

    /// <summary>The images, if the input is BYTES.</summary>
    public RequestPictures? Pictures { get; private set; }

    /// <summary>Whether the problem is that a limit is exceeded.</summary>
    public bool IsOverLimit { get; private set; }

    /// <summary>The only input, once <see cref="Read"/> has found no problem.</summary>
    public InferInputTensor Input => _request.Inputs[0];

    /// <summary>Reads everything but the values of the input.</summary>
    public string? Read(InferRequest request)
    {
        _request = request;
        return request.Id?.Length > Excerpt.MaxLength
                ? $"'id' must be a string of at most {Excerpt.MaxLength} characters."
            : request.Inputs is not [_] ? $"The request must have one input, '{ModelContract.Input}'."
            : (request.Outputs ?? []).Select(FindProblem).FirstOrDefault(problem => problem is not null)
                ?? FindInputProblem();
    }

    /// <param name="raw">Float32, little-endian, at any address; or elements, each with its length before it.</param>
    public string? ReadRaw(ReadOnlyMemory<byte> raw)
    {
        if (Input.Datatype != InferenceProtocol.Bytes)
        {
            return ReadRows(raw.Span);
        }

        var files = new RequestPicture[Input.Shape[0]];
        for (int n = 0; n < files.Length; n++)
        {
            if (!BinaryPrimitives.TryReadUInt32LittleEndian(raw.Span, out uint length))
            {
                return $"The binary data of {Name} ends before element {n} of {files.Length}.";
            }

            raw = raw[sizeof(uint)..];
            if (length > raw.Length)
            {
                return $"Element {n} of {Name} has {length} bytes by its length, but {raw.Length} are left.";
            }

            files[n] = new RequestPicture(raw[..(int)length]);
            raw = raw[(int)length..];
        }

        return raw.IsEmpty ? ReadPictures(files) : $"{raw.Length} bytes follow the last element of {Name}.";
    }

    /// <param name="values">[N, T = 28, I = 28] float32, little-endian, at any address.</param>
    public string? ReadRows(ReadOnlySpan<byte> values)
    {
        if (FindCountProblem((double)values.Length / sizeof(float)) is { } problem)
        {
            return problem;
        }

        Rows = InferenceRequest.Rent((int)Input.Shape[0]);
        values.CopyTo(MemoryMarshal.AsBytes(Rows.AllRows));
        return CheckRows();
    }

    /// <summary>Rejects values that are not intensities, and clips rounding errors to 0 and 1.</summary>
    public string? CheckRows()
    {
        for (int n = 0; n < Rows!.Count; n++)
        {
            Span<float> rows = Rows.Rows(n);

            // Minimum and maximum are NaN if any value is NaN, and the comparisons are false.
            if (!(TensorPrimitives.Min(rows) >= -Tolerance && TensorPrimitives.Max(rows) <= 1 + Tolerance))
            {
                int i = rows.IndexOfAnyExceptInRange(-Tolerance, 1 + Tolerance);
                (int row, int pixel) = Math.DivRem(i, RowSequence.Features);
                return $"Image {n} of {Name} has the value {rows[i]} in row {row} at pixel {pixel}. "
                    + "Values are from 0, paper, to 1, ink: divide pixels of 0 to 255 by 255.";
            }

            // A model with byte weights quantizes the batch by its range.
            TensorPrimitives.Max(rows, 0, rows);
            TensorPrimitives.Min(rows, 1, rows);
        }

        return null;
    }

    /// <summary>Checks number, sizes and headers of image files without decoding.</summary>
    public string? ReadPictures(RequestPicture[] files)
    {
        int bad = Array.FindIndex(files, file => file.File.Length == 0 || file.File.Length > options.MaxUploadBytes);
        Pictures = new RequestPictures(files) { StopsAtProblem = true };
        return FindCountProblem(files.Length) is { } wrong ? wrong
            : bad >= 0 ? Limit($"Element {bad} of {Name} has {files[bad].File.Length} bytes: an image file must have "
                + $"1 to {options.MaxUploadBytes} bytes.", files[bad].File.Length > 0)
            : reader.FindPixelProblem(files.Sum(file => reader.CountPixels(file.Header))) is { } many ? Limit(many)
            : null;
    }

    /// <summary>Checks the number of values, or of elements.</summary>
    public string? FindCountProblem(double count)
    {
        long expected = Input.Shape.Aggregate((product, length) => product * length);
        return count == expected
            ? null
            : $"The {Name} has the wrong number of {Input.Datatype} values: {count}, not the {expected} of its shape "
                + $"{Input.Shape}.";
    }

    /// <summary>Creates the response from the computed images, and counts each image as a prediction.</summary>
    public InferResponse Complete(ServedModel model)
    {
        InferenceRequest images = Rows ?? Pictures!.Readings;
        for (int n = 0; n < images.Count; n++)
        {
            int digit = TensorPrimitives.IndexOfMax(images.Probabilities(n));
            ServiceMetrics.Predicted(model.Name, digit, model.IsDigit(images, n));
        }

        InferRequestedOutput[] requested = _request.Outputs is { Count: > 0 } outputs
            ? [.. outputs]
            : Array.ConvertAll(TensorMetadata.Outputs, tensor => new InferRequestedOutput(tensor.Name));
        bool isRaw = _request.Parameters?.BinaryDataOutput ?? false;
        return new InferResponse(
            model.Name, model.Card.Version, _request.Id,
            Array.ConvertAll(requested, output => InferOutputTensor.Of(output, images, isRaw)),
            Pictures?.Times ?? new StageTimings { Queue = images.Waited, Infer = images.Computed });
    }

    public void Dispose()
    {
        Rows?.Dispose();
        Pictures?.Dispose();
    }

    private string Limit(string sentence, bool isLimit = true)
    {
        IsOverLimit = isLimit;
        return sentence;
    }

    private string? FindInputProblem() => Input switch
    {
        { Name: not ModelContract.Input } =>
            $"There is no input '{Excerpt.Of(Input.Name)}'. The model has '{ModelContract.Input}'.",
        { Datatype: not (InferenceProtocol.Fp32 or InferenceProtocol.Bytes) } =>
            $"The {Name} is FP32 or BYTES, not '{Excerpt.Of(Input.Datatype)}'.",
        { Datatype: InferenceProtocol.Fp32, Shape: not [_, RowSequence.TimeSteps, RowSequence.Features] }
            or { Datatype: InferenceProtocol.Bytes, Shape: not [_] } =>
            $"The {Name} must have shape [N, 28, 28] as FP32 or [N] as BYTES, not {Input.Shape}.",
        { Shape: [var images, ..] } when images < 1 || images > options.MaxInferImages => Limit(
            $"The {Name} has {images} images, but one request may have 1 to {options.MaxInferImages}.", images > 0),
        { Parameters.SharedMemoryRegion: not null } => SharedMemory,
        _ => null,
    };

    private string? FindProblem(InferRequestedOutput output, int n) =>
        output.Name is not (ModelContract.Probabilities or ModelContract.Logits)
            ? $"There is no output '{Excerpt.Of(output.Name)}'. The model has '{ModelContract.Probabilities}' and "
                + $"'{ModelContract.Logits}'."
        : _request.Outputs!.Take(n).Any(other => other.Name == output.Name)
            ? $"The request asks for the output '{output.Name}' twice."
        : output.Parameters?.SharedMemoryRegion is not null ? SharedMemory
        : output.Parameters?.Classification < 1 ? "'classification' must be a number of classes, 1 or more."
        : null;
}
