using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Pooled memory for the answer to a request for inference: its JSON, and the raw tensors behind it.</summary>
internal sealed class InferAnswer : IDisposable
{
    private const int InitialBytes = 2048;

    /// <summary>A batch's large answer is not kept.</summary>
    private const int MaxPooledBytes = 64 * 1024;

    private static readonly DefaultObjectPool<InferAnswer> Pool = new(new DefaultPooledObjectPolicy<InferAnswer>(), maximumRetained: 256);

    private readonly ArrayBufferWriter<byte> _json = new(InitialBytes);
    private readonly ArrayBufferWriter<byte> _binary = new(InitialBytes);
    private readonly Utf8JsonWriter _writer;

    public InferAnswer() => _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public static InferAnswer Rent() => Pool.Get();

    public void Write(InferCall call, ServedModel model, InferenceRequest inference)
    {
        _writer.WriteStartObject();
        _writer.WriteString("model_name"u8, model.Name);
        _writer.WriteString("model_version"u8, model.Card.Version);
        if (call.Id is not null)
        {
            _writer.WriteString("id"u8, call.Id);
        }

        _writer.WriteStartArray("outputs"u8);
        foreach (RequestedOutput output in call.Outputs)
        {
            Write(output, call.IsBinary(output), inference);
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.Flush();
    }

    /// <summary>Sends what was written, with status 200.</summary>
    public async ValueTask WriteToAsync(HttpResponse response)
    {
        response.ContentLength = _json.WrittenCount + _binary.WrittenCount;
        if (_binary.WrittenCount == 0)
        {
            response.ContentType = InferenceProtocol.JsonType;
        }
        else
        {
            response.ContentType = InferenceProtocol.BinaryType;
            response.Headers[InferenceProtocol.HeaderLength] = _json.WrittenCount.ToString(CultureInfo.InvariantCulture);
        }

        response.BodyWriter.Write(_json.WrittenSpan);
        response.BodyWriter.Write(_binary.WrittenSpan);
        await response.BodyWriter.FlushAsync();
    }

    public void Dispose()
    {
        _json.ResetWrittenCount();
        _binary.ResetWrittenCount();
        _writer.Reset();
        if (_json.Capacity + _binary.Capacity <= MaxPooledBytes)
        {
            Pool.Return(this);
        }
    }

    private void Write(RequestedOutput output, bool binary, InferenceRequest inference)
    {
        _writer.WriteStartObject();
        _writer.WriteString("name"u8, output.Name);
        _writer.WriteString("datatype"u8, output.TopClasses is null ? InferenceProtocol.Fp32 : InferenceProtocol.Bytes);
        _writer.WriteStartArray("shape"u8);
        _writer.WriteNumberValue(inference.Count);
        _writer.WriteNumberValue(output.TopClasses ?? ModelContract.Classes);
        _writer.WriteEndArray();
        if (binary)
        {
            int before = _binary.WrittenCount;
            WriteBinary(output, inference);
            _writer.WriteStartObject("parameters"u8);
            _writer.WriteNumber("binary_data_size"u8, _binary.WrittenCount - before);
            _writer.WriteEndObject();
        }
        else
        {
            _writer.WriteStartArray("data"u8);
            WriteData(output, inference);
            _writer.WriteEndArray();
        }

        _writer.WriteEndObject();
    }

    private void WriteData(RequestedOutput output, InferenceRequest inference)
    {
        Span<float> left = stackalloc float[ModelContract.Classes];
        Span<byte> text = stackalloc byte[TopClasses.MaxTextBytes];
        for (int n = 0; n < inference.Count; n++)
        {
            ReadOnlySpan<float> values = Values(output, inference, n);
            if (output.TopClasses is not { } count)
            {
                foreach (float value in values)
                {
                    _writer.WriteNumberValue(value);
                }

                continue;
            }

            var top = new TopClasses(values, left);
            for (int i = 0; i < count; i++)
            {
                _writer.WriteStringValue(text[..top.WriteNext(text)]);
            }
        }
    }

    /// <summary>FP32 as they lie in memory; BYTES each with its length in four bytes, little-endian.</summary>
    private void WriteBinary(RequestedOutput output, InferenceRequest inference)
    {
        Span<float> left = stackalloc float[ModelContract.Classes];
        for (int n = 0; n < inference.Count; n++)
        {
            ReadOnlySpan<float> values = Values(output, inference, n);
            if (output.TopClasses is not { } count)
            {
                _binary.Write(MemoryMarshal.AsBytes(values));
                continue;
            }

            var top = new TopClasses(values, left);
            for (int i = 0; i < count; i++)
            {
                Span<byte> element = _binary.GetSpan(sizeof(uint) + TopClasses.MaxTextBytes);
                int length = top.WriteNext(element[sizeof(uint)..]);
                BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)length);
                _binary.Advance(sizeof(uint) + length);
            }
        }
    }

    private static ReadOnlySpan<float> Values(RequestedOutput output, InferenceRequest inference, int n) =>
        output.Name == ModelContract.Logits ? inference.Logits(n) : inference.Probabilities(n);
}
