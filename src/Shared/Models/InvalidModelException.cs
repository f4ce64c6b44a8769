namespace MnistLstm.Shared.Models;

/// <summary>A model file that is missing, is broken or violates <see cref="ModelContract"/>.</summary>
/// <param name="message">One sentence for the person who placed the file: which file, what is wrong, what to
/// do.</param>
/// <param name="inner">The exception of the file system or ONNX Runtime, if any.</param>
public sealed class InvalidModelException(string message, Exception? inner = null) : Exception(message, inner);
