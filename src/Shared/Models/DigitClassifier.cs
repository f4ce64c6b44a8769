using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace MnistLstm.Shared.Models;

/// <summary>A loaded model: [N, 28, 28] intensities in, [N, 10] probabilities and logits out.</summary>
/// <remarks>
/// Owns an ONNX Runtime session. It computes on the caller's thread only (no thread pool, no spinning). Any number of
/// threads may call it, each with its own <see cref="ClassifierBatch"/>.
/// </remarks>
public sealed class DigitClassifier : IDisposable
{
    private readonly InferenceSession _session;

    static DigitClassifier() => RuntimeTelemetry.TurnOff();

    private DigitClassifier(string name, ModelCard card, InferenceSession session)
    {
        Name = name;
        Card = card;
        _session = session;
    }

    /// <summary>Name of the model: its file's name without the extension.</summary>
    public string Name { get; }

    /// <summary>The card from the file's metadata, with the hash of the file that was read.</summary>
    public ModelCard Card { get; }

    /// <summary>Loads a model file and checks it against <see cref="ModelContract"/>.</summary>
    /// <exception cref="InvalidModelException">The file is missing, unreadable, not ONNX or violates the
    /// contract.</exception>
    public static DigitClassifier Load(string path)
    {
        byte[] file = ReadFile(path);
        InferenceSession session = CreateSession(path, file);
        try
        {
            if (ModelContract.FindViolation(session) is { } violation)
            {
                throw new InvalidModelException($"The model '{path}' violates the contract: {violation}.");
            }

            ModelCard card = ReadCard(path, session) with
            {
                ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(file)),
            };
            return new DigitClassifier(Path.GetFileNameWithoutExtension(path), card, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Buffers for up to <paramref name="capacity"/> images, for use by one thread at a time.</summary>
    public ClassifierBatch CreateBatch(int capacity) => new(_session, capacity);

    public void Dispose() => _session.Dispose();

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidModelException($"There is no model at '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"The model '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static InferenceSession CreateSession(string path, byte[] file)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            return new InferenceSession(file, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException(
                $"The model '{path}' is not an ONNX file that can be loaded: {e.Message}", e);
        }
    }

    private static ModelCard ReadCard(string path, InferenceSession session)
    {
        if (!session.ModelMetadata.CustomMetadataMap.TryGetValue(ModelContract.CardKey, out string? json))
        {
            throw new InvalidModelException(
                $"The model '{path}' violates the contract: metadata '{ModelContract.CardKey}' is missing.");
        }

        try
        {
            return ModelCard.FromJson(json);
        }
        catch (JsonException e)
        {
            throw new InvalidModelException(
                $"The model '{path}' violates the contract: metadata '{ModelContract.CardKey}' is not a model card "
                + $"({e.Message}).", e);
        }
    }
}
