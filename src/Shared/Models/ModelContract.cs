using Microsoft.ML.OnnxRuntime;

namespace MnistLstm.Shared.Models;

/// <summary>Names, shapes and types of the tensors that the trainer writes and the service loads.</summary>
public static class ModelContract
{
    /// <summary>
    /// Input [N, T = 28, I = 28] float32; <c>rows[n, t, i]</c> is pixel i of row t, 0 = paper, 1 = ink.
    /// </summary>
    public const string Input = "rows";

    /// <summary>Output [N, C = 10] float32, softmax of the logits over the calibrated temperature.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>Output [N, C = 10] float32, before temperature and softmax.</summary>
    public const string Logits = "logits";

    /// <summary>C, the digits 0 to 9.</summary>
    public const int Classes = 10;

    /// <summary>The newest ONNX operator set that a model may require.</summary>
    public const int MaxOpset = 17;

    /// <summary>Key of the <see cref="ModelCard"/> in the ONNX file's metadata.</summary>
    public const string CardKey = "model_card";

    /// <summary>Checks a loaded model.</summary>
    /// <returns>The violation, as a clause that names the tensor ("output 'logits' is missing"); null if there is
    /// none.</returns>
    public static string? FindViolation(InferenceSession session)
    {
        return FindTensorViolation("input", Input, session.InputMetadata, RowSequence.TimeSteps, RowSequence.Features)
            ?? FindTensorViolation("output", Probabilities, session.OutputMetadata, Classes)
            ?? FindTensorViolation("output", Logits, session.OutputMetadata, Classes)
            ?? FindUnknown("input", session.InputMetadata.Keys, [Input]);
    }

    private static string? FindTensorViolation(
        string kind, string name, IReadOnlyDictionary<string, NodeMetadata> tensors, params int[] itemShape)
    {
        string expected = $"[N, {string.Join(", ", itemShape)}]";
        if (!tensors.TryGetValue(name, out NodeMetadata? tensor))
        {
            string found = string.Join(", ", tensors.Keys.Select(key => $"'{key}'"));
            return $"{kind} '{name}' is missing (the file has {found})";
        }

        if (!tensor.IsTensor || tensor.ElementType != typeof(float))
        {
            return $"{kind} '{name}' is not a float32 tensor";
        }

        int[] shape = tensor.Dimensions;
        bool fits = shape.Length == itemShape.Length + 1 && shape[0] == -1 && shape.AsSpan(1).SequenceEqual(itemShape);
        return fits
            ? null
            : $"{kind} '{name}' has shape [{string.Join(", ", shape.Select(DimensionText))}], not {expected}";
    }

    private static string DimensionText(int dimension) => dimension < 0 ? "N" : $"{dimension}";

    private static string? FindUnknown(string kind, IEnumerable<string> names, string[] known)
    {
        string? unknown = names.Except(known).FirstOrDefault();
        return unknown is null ? null : $"{kind} '{unknown}' is not part of the contract";
    }
}
