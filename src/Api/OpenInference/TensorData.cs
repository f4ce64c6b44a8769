using System.Buffers;
using System.Text.Json;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.OpenInference;

/// <summary>The numbers or strings of an input's <c>data</c>, row-major, and how they are nested.</summary>
internal sealed class TensorData : IDisposable
{
    /// <summary>One more than the dimensions of any input, so that data which is too deep is told as such.</summary>
    private const int MaxDepth = 4;

    private const int InitialValues = 1024;

    /// <summary>Entries of each array by its depth, from 1 on; -1 where none has been closed yet.</summary>
    private readonly int[] _lengths = [-1, -1, -1, -1, -1];

    private readonly List<JsonString> _elements = [];
    private float[] _values = [];
    private int _count;
    private int _depth;

    /// <summary>Row-major; none if the data are strings.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, _count);

    /// <summary>None if the data are numbers.</summary>
    public List<JsonString> Elements => _elements;

    /// <summary>Reads an array, flat or nested.</summary>
    /// <param name="json">At the value; afterwards at its end.</param>
    /// <param name="maxValues">More numbers are refused.</param>
    /// <param name="maxElements">More strings are refused.</param>
    /// <returns>What is wrong, as the rest of a sentence about the data; null if all is well.</returns>
    public string? Read(ref Utf8JsonReader json, int maxValues, int maxElements)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return "is no array";
        }

        Span<int> entries = stackalloc int[MaxDepth + 1];
        entries.Clear();
        int depth = 1;
        int deepest = 1;
        while (depth > 0)
        {
            json.Read();
            switch (json.TokenType)
            {
                case JsonTokenType.Number:
                    if (!IsAt(depth) || _elements.Count > 0)
                    {
                        return Uneven();
                    }

                    if (_count == maxValues)
                    {
                        return $"has more than {maxValues} values, which is more than one request may have";
                    }

                    if (!json.TryGetSingle(out float value))
                    {
                        return $"has a number that is out of range at value {_count}";
                    }

                    Add(value);
                    entries[depth]++;
                    break;

                case JsonTokenType.String:
                    if (!IsAt(depth) || _count > 0)
                    {
                        return Uneven();
                    }

                    if (_elements.Count == maxElements)
                    {
                        return $"has more than {maxElements} elements, which is more than one request may have";
                    }

                    _elements.Add(JsonString.At(json));
                    entries[depth]++;
                    break;

                case JsonTokenType.StartArray:
                    if (depth == MaxDepth)
                    {
                        return "is nested too deep";
                    }

                    entries[++depth] = 0;
                    deepest = Math.Max(deepest, depth);
                    break;

                case JsonTokenType.EndArray:
                    if (_lengths[depth] >= 0 && _lengths[depth] != entries[depth])
                    {
                        return Uneven();
                    }

                    _lengths[depth] = entries[depth];
                    entries[--depth]++;
                    break;

                default:
                    return "has an entry that is neither a number nor a string";
            }
        }

        return _depth > 0 && _depth != deepest ? Uneven() : null;
    }

    /// <summary>Whether it is flat, or nested as the shape says.</summary>
    /// <param name="shape">Its product is the number of values or elements.</param>
    public bool IsNestedAs(ReadOnlySpan<long> shape)
    {
        if (_depth == 1)
        {
            return true;
        }

        if (_depth != shape.Length)
        {
            return false;
        }

        for (int d = 0; d < shape.Length; d++)
        {
            if (_lengths[d + 1] != shape[d])
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        if (_values.Length > 0)
        {
            ArrayPool<float>.Shared.Return(_values);
            _values = [];
        }
    }

    private static string Uneven() => "is ragged or of mixed types: arrays of one level are to have the same length, and all entries the same type";

    /// <summary>Numbers and strings all stand at one depth.</summary>
    private bool IsAt(int depth)
    {
        _depth = _depth == 0 ? depth : _depth;
        return _depth == depth;
    }

    private void Add(float value)
    {
        if (_count == _values.Length)
        {
            float[] larger = ArrayPool<float>.Shared.Rent(Math.Max(InitialValues, 2 * _count));
            Values.CopyTo(larger);
            Dispose();
            _values = larger;
        }

        _values[_count++] = value;
    }
}
