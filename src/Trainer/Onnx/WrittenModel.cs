using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Onnx;

/// <summary>A model file that was written and proved.</summary>
/// <param name="TestProbabilities">[test images, C], computed from the file by ONNX Runtime.</param>
public sealed record WrittenModel(string Path, ModelCard Card, float[] TestProbabilities);
