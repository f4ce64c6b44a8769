namespace MnistLstm.Shared.Models;

/// <summary>A model file that is missing, broken or against <see cref="ModelContract"/>.</summary>
/// <param name="message">One sentence for the person who placed the file: which file, what is wrong, what to do.</param>
/// <param name="inner">What the file system or ONNX Runtime said, if anything.</param>
public sealed class InvalidModelException(string message, Exception? inner = null) : Exception(message, inner);
