using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// The <c>data</c> of a tensor in JSON, row-major, flat or nested. Deserialization only finds it; its entries are read
/// when the datatype and the shape are known.
/// </summary>
/// <param name="Position">Its range of bytes in the JSON.</param>
[JsonConverter(typeof(Converter))]
internal sealed record TensorData(Range Position)
{
    /// <summary>The maximum depth of System.Text.Json.</summary>
    private const int MaxDepth = 64;

    /// <summary>Reads the numbers of FP32 rows, or the image files of BYTES.</summary>
    /// <param name="inference">Receives the images.</param>
    /// <param name="json">The JSON of the request. Base64 is decoded in place.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? Read(InferContext inference, Memory<byte> json)
    {
        Span<byte> data = json.Span[Position];
        long images = inference.Input.Shape[0];
        if (inference.Input.Datatype == InferenceProtocol.Fp32)
        {
            // A number and its comma are 2 bytes: a small request gets no room for a large shape.
            images = Math.Min(images, (data.Length / (2 * RowSequence.Length)) + 1);
            return ReadEntries(data, inference, inference.RentRows((int)images), []) ?? inference.CheckRows();
        }

        var strings = new JsonString[images];
        var files = new RequestPicture[images];
        string? problem = ReadEntries(data, inference, [], strings);
        for (int n = 0; n < images && problem is null; n++)
        {
            if (strings[n].DecodeBase64(data) is not { } file)
            {
                return $"Element {n} of {InferContext.Name} is not base64.";
            }

            files[n] = new RequestPicture(json[Position][file]);
        }

        return problem ?? inference.ReadPictures(files);
    }

    /// <param name="numbers">
    /// Room for N · 28 · 28 numbers, or for as many as the data can have; empty for BYTES.
    /// </param>
    /// <param name="strings">Room for N strings; empty for FP32.</param>
    private static string? ReadEntries(
        ReadOnlySpan<byte> data, InferContext inference, Span<float> numbers, Span<JsonString> strings)
    {
        BoundedList<long> shape = inference.Input.Shape;
        JsonTokenType type = numbers.IsEmpty ? JsonTokenType.String : JsonTokenType.Number;
        Span<int> starts = stackalloc int[MaxDepth];
        bool isEven = true;
        int entryDepth = 0;
        int count = 0;
        var json = new Utf8JsonReader(data);
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.StartArray)
            {
                starts[json.CurrentDepth] = count;
            }
            else if (json.TokenType == JsonTokenType.EndArray)
            {
                isEven &= json.CurrentDepth switch
                {
                    0 => true,
                    1 => count - starts[1] == RowSequence.Length,
                    2 => count - starts[2] == RowSequence.Features,
                    _ => false,
                };
            }
            else if (json.TokenType != type || (count < numbers.Length && !json.TryGetSingle(out numbers[count])))
            {
                return $"Entry {count} of the data of {InferContext.Name} is not "
                    + (numbers.IsEmpty ? "a string: BYTES are image files in base64." : "an FP32 number.");
            }
            else
            {
                if (count < strings.Length)
                {
                    strings[count] = JsonString.At(json);
                }

                entryDepth = count == 0 ? json.CurrentDepth : entryDepth;
                isEven &= json.CurrentDepth == entryDepth && (entryDepth == 1 || entryDepth == shape.Count);
                count++;
            }
        }

        return isEven
            ? inference.FindCountProblem(count)
            : $"The data of {InferContext.Name} must be an array, flat or nested as its shape {shape} says.";
    }

    public sealed class Converter : JsonConverter<TensorData>
    {
        public override TensorData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            return new TensorData(start..(int)reader.BytesConsumed);
        }

        public override void Write(Utf8JsonWriter writer, TensorData value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A request is read and never written.");
    }
}
