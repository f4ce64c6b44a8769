using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.OpenInference;

/// <summary>Reads the body of a request, up to the rows of its images or the files of its pictures.</summary>
internal sealed class InferInputReader(PictureReader pictures, ServiceOptions options)
{
    private const string Name = InferInput.Name;

    /// <param name="body">The whole body; base64 in it is decoded in place.</param>
    /// <param name="jsonBytes">Its first bytes that are JSON; 0 where it is one image alone.</param>
    /// <param name="call">Receives what the JSON says.</param>
    public InferInput Read(Memory<byte> body, int jsonBytes, InferCall call)
    {
        if (jsonBytes == 0)
        {
            call.BinaryOutputs = true;
            return ReadRaw(body);
        }

        Memory<byte> json = body[JsonText.CountMarkBytes(body.Span[..jsonBytes])..jsonBytes];
        ReadOnlyMemory<byte> binary = body[jsonBytes..];
        string? problem = InferCallReader.Read(json.Span, call, options.MaxInferImages)
            ?? call.Input!.FindProblem(binary.Length, options.MaxInferImages);
        if (problem is not null)
        {
            return InferInput.Refuse(problem);
        }

        InputTensor input = call.Input!;
        return (input.Data, input.IsBytes) switch
        {
            ({ } data, true) => DecodeBase64(data.Elements, json),
            ({ } data, false) => Copy(MemoryMarshal.AsBytes(data.Values), input.Count),
            (null, true) => SplitElements(binary, input.Count),
            (null, false) => Copy(binary.Span, input.Count),
        };
    }

    /// <summary>A body without JSON: an image file, or [28, 28] FP32.</summary>
    private InferInput ReadRaw(ReadOnlyMemory<byte> body) =>
        ImageFormats.Recognize(body.Span) != ImageFormat.Unknown ? Check([new RequestPicture(body)])
        : body.Length == InferRows.ImageBytes ? Copy(body.Span, count: 1)
        : InferInput.Refuse(
            $"A body without JSON is one image: {InferRows.ImageBytes} bytes of {InferenceProtocol.Fp32}, or an image file; "
            + $"not {body.Length} bytes of something else.");

    private static InferInput Copy(ReadOnlySpan<byte> values, int count)
    {
        var rows = InferenceRequest.Rent(count);
        if (InferRows.Copy(values, rows) is not { } problem)
        {
            return new InferInput { Rows = rows };
        }

        rows.Dispose();
        return InferInput.Refuse(problem);
    }

    private InferInput DecodeBase64(List<JsonString> elements, Memory<byte> json)
    {
        var files = new RequestPicture[elements.Count];
        for (int n = 0; n < files.Length; n++)
        {
            if (elements[n].DecodeBase64(json.Span) is not { } file)
            {
                return InferInput.Refuse($"Element {n} of {Name} is not base64.");
            }

            files[n] = new RequestPicture(json[file]);
        }

        return Check(files);
    }

    /// <param name="binary">N elements, each its length in four bytes, little-endian, and its bytes.</param>
    /// <param name="count">N.</param>
    private InferInput SplitElements(ReadOnlyMemory<byte> binary, int count)
    {
        var files = new RequestPicture[count];
        for (int n = 0; n < count; n++)
        {
            if (binary.Length < sizeof(uint))
            {
                return InferInput.Refuse($"The binary data of {Name} ends before element {n} of {count}.");
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(binary.Span);
            binary = binary[sizeof(uint)..];
            if (length > binary.Length)
            {
                return InferInput.Refuse(
                    $"Element {n} of {Name} has {length} bytes by its length, and {binary.Length} are left.");
            }

            files[n] = new RequestPicture(binary[..(int)length]);
            binary = binary[(int)length..];
        }

        return binary.IsEmpty
            ? Check(files)
            : InferInput.Refuse($"{binary.Length} bytes follow the last element of {Name}.");
    }

    private InferInput Check(RequestPicture[] files)
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
}
