using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;

namespace MnistLstm.Api.OpenInference;

/// <summary>The <c>data</c> of a tensor in JSON, row-major: the numbers or strings, and how the arrays are nested.</summary>
[JsonConverter(typeof(Converter))]
internal sealed class TensorData : IDisposable
{
    /// <summary>One more than the rank of any input.</summary>
    private const int MaxDepth = 4;

    private const int InitialValues = 1024;

    private static readonly List<JsonString> None = [];

    private const string Uneven =
        "is ragged or of mixed types: arrays of one level must have the same length, and all entries the same type";

    /// <summary>Entries of each array by its depth, from 1 on; -1 where none has been closed yet.</summary>
    private int[] _lengths = [];

    private float[] _values = [];
    private float[]? _rented;
    private int _count;
    private int _depth;

    /// <summary>Data to answer with.</summary>
    public static TensorData Of(InferOutput output) => output.Texts is { } texts
        ? new() { Texts = texts }
        : new() { _values = output.Values, _count = output.Values.Length };

    /// <summary>Empty if the data are strings.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, _count);

    /// <summary>Where the strings of a request lie in its JSON; empty if the data are numbers.</summary>
    public List<JsonString> Strings { get; private set; } = None;

    /// <summary>Strings to answer with.</summary>
    private string[] Texts { get; init; } = [];

    /// <summary>Whether it is flat, or nested as the shape says.</summary>
    /// <param name="shape">Its product is the number of values or strings.</param>
    public bool IsNestedAs(IReadOnlyList<long> shape) =>
        _depth == 1 || (_depth == shape.Count && shape.Index().All(d => _lengths[d.Index + 1] == d.Item));

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<float>.Shared.Return(_rented);
            _values = [];
            _rented = null;
        }
    }

    /// <returns>What is wrong, as the rest of a sentence about the data; null if all is well.</returns>
    private string? Read(ref Utf8JsonReader json, int maxImages)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return "is not an array";
        }

        _lengths = [-1, -1, -1, -1, -1];
        Span<int> entries = stackalloc int[MaxDepth + 1];
        entries.Clear();
        int depth = 1;
        int deepest = 1;
        while (depth > 0)
        {
            json.Read();
            switch (json.TokenType)
            {
                case JsonTokenType.Number or JsonTokenType.String:
                    if (ReadEntry(json, depth, maxImages) is { } problem)
                    {
                        return problem;
                    }

                    entries[depth]++;
                    break;

                case JsonTokenType.StartArray when depth == MaxDepth:
                    return "is nested too deep";

                case JsonTokenType.StartArray:
                    entries[++depth] = 0;
                    deepest = Math.Max(deepest, depth);
                    break;

                case JsonTokenType.EndArray:
                    if (_lengths[depth] >= 0 && _lengths[depth] != entries[depth])
                    {
                        return Uneven;
                    }

                    _lengths[depth] = entries[depth];
                    entries[--depth]++;
                    break;

                default:
                    return "has an entry that is neither a number nor a string";
            }
        }

        return _depth > 0 && _depth != deepest ? Uneven : null;
    }

    private string? ReadEntry(in Utf8JsonReader json, int depth, int maxImages)
    {
        bool isNumber = json.TokenType == JsonTokenType.Number;
        _depth = _depth == 0 ? depth : _depth;
        if (_depth != depth || (isNumber ? Strings.Count : _count) > 0)
        {
            return Uneven;
        }

        int max = isNumber ? maxImages * RowSequence.Length : maxImages;
        if (Math.Max(_count, Strings.Count) == max)
        {
            return $"has more than {max} {(isNumber ? "values" : "elements")}, which is more than one request may have";
        }

        if (!isNumber)
        {
            Strings = Strings.Count == 0 ? [] : Strings;
            Strings.Add(JsonString.At(json));
            return null;
        }

        if (!json.TryGetSingle(out float value))
        {
            return $"has a number that is out of range at value {_count}";
        }

        if (_count == _values.Length)
        {
            Grow();
        }

        _values[_count++] = value;
        return null;
    }

    private void Grow()
    {
        float[] larger = ArrayPool<float>.Shared.Rent(Math.Max(InitialValues, 2 * _count));
        Values.CopyTo(larger);
        Dispose();
        _values = _rented = larger;
    }

    /// <param name="maxImages">Data of more images is refused.</param>
    public sealed class Converter(int maxImages) : JsonConverter<TensorData>
    {
        /// <summary>For answers, which are written and never read.</summary>
        public Converter()
            : this(maxImages: 0)
        {
        }

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

        public override void Write(Utf8JsonWriter writer, TensorData value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (float number in value.Values)
            {
                writer.WriteNumberValue(number);
            }

            foreach (string text in value.Texts)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }
    }
}
