using System.Text.Json;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>The parameters of a request, an input or an output that mean something here; others are let through.</summary>
internal struct InferParameters
{
    private const string BinaryOutputsName = "binary_data_output";
    private const string BinarySizeName = "binary_data_size";
    private const string BinaryName = "binary_data";
    private const string ClassificationName = "classification";

    /// <summary>Of a request: whether its outputs are raw.</summary>
    public bool? BinaryOutputs { get; private set; }

    /// <summary>Of an input: its bytes behind the JSON.</summary>
    public long? BinarySize { get; private set; }

    /// <summary>Of an output: whether it is raw.</summary>
    public bool? Binary { get; private set; }

    /// <summary>Of an output: the most probable so many, as text. More than there are mean all of them.</summary>
    public int? TopClasses { get; private set; }

    /// <summary>Reads an object of parameters.</summary>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? Read(ref Utf8JsonReader json)
    {
        if (!json.NextIs(JsonTokenType.StartObject))
        {
            return json.TokenType == JsonTokenType.Null ? null : "The 'parameters' are to be an object.";
        }

        string? problem = null;
        while (problem is null && json.NextProperty())
        {
            problem = json.ValueTextEquals(BinaryOutputsName) ? ReadBinaryOutputs(ref json)
                : json.ValueTextEquals(BinarySizeName) ? ReadBinarySize(ref json)
                : json.ValueTextEquals(BinaryName) ? ReadBinary(ref json)
                : json.ValueTextEquals(ClassificationName) ? ReadClassification(ref json)
                : json.ValueTextEquals("shared_memory_region") ? "Shared memory is not supported here: send and receive the data in the body."
                : ReadOther(ref json);
        }

        return problem;
    }

    private string? ReadBinaryOutputs(ref Utf8JsonReader json)
    {
        BinaryOutputs = ReadSwitch(ref json, out bool isWrong);
        return isWrong ? NoSwitch(BinaryOutputsName) : null;
    }

    private string? ReadBinary(ref Utf8JsonReader json)
    {
        Binary = ReadSwitch(ref json, out bool isWrong);
        return isWrong ? NoSwitch(BinaryName) : null;
    }

    private string? ReadBinarySize(ref Utf8JsonReader json)
    {
        if (json.NextIs(JsonTokenType.Null))
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long size) || size < 0)
        {
            return $"The parameter '{BinarySizeName}' is to be a number of bytes.";
        }

        BinarySize = size;
        return null;
    }

    private string? ReadClassification(ref Utf8JsonReader json)
    {
        if (json.NextIs(JsonTokenType.Null))
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out int count) || count < 1)
        {
            return $"The parameter '{ClassificationName}' is to be a number of classes, 1 or more.";
        }

        TopClasses = Math.Min(count, ModelContract.Classes);
        return null;
    }

    private static bool? ReadSwitch(ref Utf8JsonReader json, out bool isWrong)
    {
        json.Read();
        bool isSwitch = json.TokenType is JsonTokenType.True or JsonTokenType.False;
        isWrong = !isSwitch && json.TokenType != JsonTokenType.Null;
        return isSwitch ? json.GetBoolean() : null;
    }

    private static string? ReadOther(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
            or JsonTokenType.Null
            ? null
            : "Each parameter is to be a string, a number or a boolean.";
    }

    private static string NoSwitch(string name) => $"The parameter '{name}' is to be true or false.";
}
