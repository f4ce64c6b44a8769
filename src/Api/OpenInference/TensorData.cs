using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// The <c>data</c> of a tensor in JSON, row-major: the numbers or strings, and how the arrays are nested.
/// </summary>
internal sealed class TensorData : IDisposable
{
    /// <summary>One more than the rank of any input.</summary>
    private const int MaxDepth = 4;

    private const int InitialValues = 1024;

    private const string Uneven =
        "is ragged or of mixed types: arrays of one level must have the same length, and all entries the same type";

    /// <summary>Entries of the arrays by their depth, from 1 on; -1 where there are no arrays.</summary>
    private readonly int[] _lengths = [-1, -1, -1, -1, -1, -1];

    private float[] _values = ArrayPool<float>.Shared.Rent(InitialValues);
    private int _count;

    /// <summary>The number of numbers or strings; 0 until there are some.</summary>
    private int _depth;

    /// <summary>Empty if the data are strings.</summary>
    [JsonIgnore]
    public ReadOnlySpan<float> Values => _values.AsSpan(0, _count);

    /// <summary>Positions of the strings in the JSON; empty if the data are numbers.</summary>
    [JsonIgnore]
    public List<JsonString> Strings { get; } = [];

    /// <summary>Whether it is flat, or nested as the shape says.</summary>
    /// <param name="shape">Its product is the number of values or strings.</param>
    public bool IsNestedAs(IReadOnlyList<long> shape) =>
        _depth == 1 || (_depth == shape.Count && shape.Index().All(d => _lengths[d.Index + 1] == d.Item));

    public void Dispose() => ArrayPool<float>.Shared.Return(_values);

    /// <returns>The rest of a sentence that says what is wrong with the data; null if they are valid.</returns>
    private string? Read(ref Utf8JsonReader json, int maxImages) =>
        json.TokenType != JsonTokenType.StartArray ? "is not an array"
        : ReadArray(ref json, depth: 1, maxImages) is { } problem ? problem
        : _depth > 0 && _lengths[_depth + 1] >= 0 ? Uneven
        : null;

    private string? ReadArray(ref Utf8JsonReader json, int depth, int maxImages)
    {
        int entries = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; entries++)
        {
            string? problem = json.TokenType switch
            {
                JsonTokenType.Number or JsonTokenType.String => ReadEntry(ref json, depth, maxImages),
                JsonTokenType.StartArray when depth == MaxDepth => "is nested too deep",
                JsonTokenType.StartArray => ReadArray(ref json, depth + 1, maxImages),
                _ => "has an entry that is neither a number nor a string",
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        bool isEven = _lengths[depth] == -1 || _lengths[depth] == entries;
        _lengths[depth] = entries;
        return isEven ? null : Uneven;
    }

    private string? ReadEntry(ref Utf8JsonReader json, int depth, int maxImages)
    {
        bool isNumber = json.TokenType == JsonTokenType.Number;
        _depth = _depth == 0 ? depth : _depth;
        if (_depth != depth || (isNumber ? Strings.Count : _count) > 0)
        {
            return Uneven;
        }

        int max = isNumber ? maxImages * RowSequence.Length : maxImages;
        if (_count + Strings.Count == max)
        {
            return $"has more than {max} {(isNumber ? "values" : "elements")}, which is more than one request may have";
        }

        if (!isNumber)
        {
            Strings.Add(JsonString.At(json));
            return null;
        }

        if (_count == _values.Length)
        {
            float[] larger = ArrayPool<float>.Shared.Rent(2 * _count);
            Values.CopyTo(larger);
            Dispose();
            _values = larger;
        }

        return json.TryGetSingle(out _values[_count++])
            ? null
            : $"has a number that is out of range at value {_count - 1}";
    }

    /// <param name="maxImages">Data of more images is refused.</param>
    public sealed class Converter(int maxImages) : JsonConverter<TensorData>
    {
        public override TensorData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var data = new TensorData();
            if (data.Read(ref reader, maxImages) is { } problem)
            {
                data.Dispose();
                throw new InferRequestException($"The 'data' of an input {problem}.");
            }

            return data;
        }

        public override void Write(Utf8JsonWriter writer, TensorData value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A request is read and never written.");
    }
}
